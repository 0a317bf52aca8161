"""What scripts do with boto3, against the endpoint of the environment. Fails with a traceback."""

import hashlib
import io
import os
import urllib.request

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

s3 = boto3.client("s3")
bucket = "boto-bucket"
s3.create_bucket(Bucket=bucket)
s3.head_bucket(Bucket=bucket)
assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] is None
assert "Status" not in s3.get_bucket_versioning(Bucket=bucket)
assert bucket in [found["Name"] for found in s3.list_buckets()["Buckets"]]

body = os.urandom(1_000_000)
etag = hashlib.md5(body).hexdigest()
for algorithm in ["CRC32", "SHA1", "SHA256"]:
    put = s3.put_object(Bucket=bucket, Key="sämple/ 1+2", Body=body, Metadata={"Sample": "NA12878"}, ChecksumAlgorithm=algorithm)
    assert put["ETag"] == f'"{etag}"', put
got = s3.get_object(Bucket=bucket, Key="sämple/ 1+2", ChecksumMode="ENABLED")
assert got["Body"].read() == body and got["Metadata"] == {"sample": "NA12878"} and got["ChecksumSHA256"]
ranged = s3.get_object(Bucket=bucket, Key="sämple/ 1+2", Range="bytes=10-19")
assert ranged["Body"].read() == body[10:20] and ranged["ContentRange"] == "bytes 10-19/1000000"
assert [o["Key"] for o in s3.list_objects(Bucket=bucket)["Contents"]] == ["sämple/ 1+2"]
assert s3.list_objects_v2(Bucket=bucket, Delimiter="/")["CommonPrefixes"] == [{"Prefix": "sämple/"}]

large = os.urandom(21_000_000)
config = TransferConfig(multipart_threshold=8 * 1024 * 1024, multipart_chunksize=8 * 1024 * 1024)
s3.upload_fileobj(io.BytesIO(large), bucket, "large", Config=config)
back = io.BytesIO()
s3.download_fileobj(bucket, "large", back, Config=config)
assert back.getvalue() == large
assert s3.head_object(Bucket=bucket, Key="large")["ETag"].endswith('-3"')
s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "large copy", Config=config)
assert s3.head_object(Bucket=bucket, Key="large copy")["ContentLength"] == len(large)

upload = s3.create_multipart_upload(Bucket=bucket, Key="aborted")["UploadId"]
s3.upload_part(Bucket=bucket, Key="aborted", UploadId=upload, PartNumber=1, Body=b"x")
assert [p["PartNumber"] for p in s3.list_parts(Bucket=bucket, Key="aborted", UploadId=upload)["Parts"]] == [1]
assert [u["Key"] for u in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == ["aborted"]
s3.abort_multipart_upload(Bucket=bucket, Key="aborted", UploadId=upload)
assert "Uploads" not in s3.list_multipart_uploads(Bucket=bucket)

s3.put_object_tagging(Bucket=bucket, Key="large", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
assert s3.get_object_tagging(Bucket=bucket, Key="large")["TagSet"] == [{"Key": "a", "Value": "b"}]
s3.delete_object_tagging(Bucket=bucket, Key="large")


def code_of(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    raise AssertionError("it succeeded")


assert code_of(s3.get_object, Bucket=bucket, Key="none") == "NoSuchKey"
assert code_of(s3.head_object, Bucket=bucket, Key="none") == "404"
assert code_of(s3.list_objects_v2, Bucket="nobody-has-it") == "NoSuchBucket"
assert code_of(s3.delete_bucket, Bucket=bucket) == "BucketNotEmpty"
assert code_of(s3.put_object, Bucket=bucket, Key="large", Body=b"", IfNoneMatch="*") == "PreconditionFailed"
assert code_of(s3.get_object, Bucket=bucket, Key="large", IfNoneMatch=s3.head_object(Bucket=bucket, Key="large")["ETag"]) == "304"
other = boto3.client(
    "s3", aws_access_key_id="AKIAOTHER", aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"]
)
assert code_of(other.get_object, Bucket=bucket, Key="large") == "AccessDenied"
wrong = boto3.client("s3", aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key="wrong")
assert code_of(wrong.list_buckets) == "SignatureDoesNotMatch"

for version in ["s3", "s3v4"]:  # SigV2 and SigV4 in the query
    signer = boto3.client("s3", config=Config(signature_version=version, s3={"addressing_style": "path"}))
    key = f"signed {version}"
    put = signer.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key})
    urllib.request.urlopen(urllib.request.Request(put, data=b"signed", method="PUT", headers={"Content-Type": ""})).read()
    get = signer.generate_presigned_url(
        "get_object", Params={"Bucket": bucket, "Key": key, "ResponseContentType": "text/plain"}
    )
    with urllib.request.urlopen(get) as answer:
        assert answer.read() == b"signed" and answer.headers["Content-Type"] == "text/plain"

west = boto3.client("s3", region_name="eu-west-1")
west.create_bucket(Bucket="boto-west", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
west.put_object(Bucket="boto-west", Key="x", Body=b"x")
# A client of another region finds the bucket's region by itself.
assert s3.get_object(Bucket="boto-west", Key="x")["Body"].read() == b"x"

keys = [{"Key": found["Key"]} for found in s3.list_objects_v2(Bucket=bucket)["Contents"]]
assert len(s3.delete_objects(Bucket=bucket, Delete={"Objects": keys})["Deleted"]) == len(keys)
s3.delete_bucket(Bucket=bucket)
