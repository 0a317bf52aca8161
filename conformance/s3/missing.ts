/** What the embedded buckets do not do, and which cases ask for it; the first pattern that fits a name counts. */
export const missing: readonly { readonly reason: string; readonly names: RegExp }[] = [
  {
    reason: 'browsers’ POST uploads: their policy documents are not taken; a presigned PUT does the same',
    names: /post_object/,
  },
  {
    reason: 'versioned buckets and delete markers: every object is its only version, `null`',
    names: /versioning|versioned|_version|delete_marker|(object|objects)_current_if|current_object_if/,
  },
  {
    reason: 'life cycle rules and transitions to other storage classes',
    names: /lifecycle|transition|cloud|restore|read_through/,
  },
  { reason: 'object lock, retention and legal hold', names: /object_lock|legal_hold|retention/ },
  { reason: 'delivery of access logs to a bucket (`aws cloudtrail` has every call)', names: /logging/ },
  {
    reason: 'SSE-C: keys that come with each request',
    names:
      /sse_c|sse-c|encryption_sse_c|enc_conflict_c|encrypted_transfer|_customer|encryption_key_no|encryption_sse/,
  },
  {
    reason:
      'SSE-KMS with Ceph’s key names, or sealed copies of parts; keys here are those of `aws kms` (tested in packages/buckets/encryption)',
    names: /kms|sse_s3|sse-s3|_enc\b|enc_conflict|encrypt|copy_enc|copy_part_enc|s3_noenc/,
  },
  { reason: 'a bucket’s own CORS rules: the server’s `corsOrigins` hold for all buckets', names: /cors/ },
  { reason: 'S3 websites and redirects', names: /website|redirect/ },
  {
    reason:
      'access lists that let others in: buckets are “bucket owner enforced”, as AWS’s are from the start; bucket policies let others in',
    names:
      /acl|public|access_bucket|ownership|bucket_owner|object_writer|grant|not_owned|raw_authenticated|expected_bucket_owner|key_bucket_gone|return_data|list_multipart_upload_owner|_delete_nonowner/,
  },
  {
    reason: 'requests without a key: nobody comes in without one, whatever a policy says',
    names: /anon|raw_(get|put|response)|bad_authorization|unauthenticated|100_continue/,
  },
  { reason: 'tags and policy status of buckets', names: /set_bucket_tagging|policy_status/ },
  { reason: 'GetObjectAttributes', names: /attributes/ },
  { reason: 'appending to an object, which only Ceph has', names: /append/ },
  {
    reason: 'what only Ceph has: usage figures, lists without order, tenants, its own headers',
    names: /usage|unordered|tenant|head_extended|rgw|torrent|account_/,
  },
  {
    reason:
      'conditions that AWS has for directory buckets alone, or not at all: ETags in If-None-Match of a write, LastModified and Size of a delete',
    names: /if_match|ifnonmatch|if_none_match/,
  },
  {
    reason: 'checksum arguments that the installed SDK does not know',
    names: /cksum_helper|checksum_crc64nvme|checksum_type/,
  },
  {
    reason: 'policies with one statement id twice or for all buckets of the server, which AWS refuses too',
    names: /policy/,
  },
  {
    reason: 'Node answers 417 to an `Expect` other than `100-continue`, as HTTP has it',
    names: /bad_expect/,
  },
  {
    reason: 'errors of Ceph where AWS has others (signatures of version 2, dates, lengths)',
    names: /bad_(date|contentlength|ua)|aws2|checksum_sha256|get_part|read_unreadable|aws_chunked/,
  },
  { reason: 'bucket names with a dash beside a dot, which AWS takes', names: /naming_dns|buckets_paginated/ },
  {
    reason: 'the location of us-east-1, which AWS answers empty',
    names: /get_location/,
  },
  {
    reason: 'order of tags, and UTF-8 in metadata, which AWS answers in RFC 2047',
    names: /obj_with_tags|unicode_metadata|prefix_unreadable/,
  },
  { reason: 'a part listed twice in a completion, which AWS refuses', names: /resend_first/ },
];
