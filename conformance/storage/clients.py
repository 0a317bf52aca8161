"""The transfer manager, boto3, samtools, rclone and s3fs, unmodified, against a fresh server; started by clients.ts.

Every check prints a line; ends with 1 where one fails or its program is not there.
"""

import base64
import gzip
import hashlib
import os
import random
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config
from omics.transfer.manager import TransferManager

FOLDER, RANGES, MEGABYTES = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
# An aligned BAM of MEGABYTES and its reference, where any are told.
LARGE = sys.argv[4:]
DATA = os.environ["SHARED_DATA"]
ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
SEED = 2026
# Of a FASTQ of random bases, compressed.
LARGE_READS_PER_MEGABYTE = 9_000
ROLE_TRUST = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"omics.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
ROLE_POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'

omics = boto3.client("omics", config=Config(inject_host_prefix=False))
s3 = boto3.client("s3", config=Config(s3={"addressing_style": "path"}))
transfer = TransferManager(omics)
failed = []


def check(name):
    """Runs the function at once; what it returns is printed with its name."""

    def run(function):
        try:
            print(f"passed  {name}: {function()}", flush=True)
        except Exception as error:
            failed.append(name)
            print(f"FAILED  {name}: {type(error).__name__}: {error}", flush=True)

    return run


def output(*words, **environment):
    # In the folder: htslib leaves a remote file's index where it runs.
    env = {**os.environ, **environment}
    done = subprocess.run(words, cwd=FOLDER, env=env, capture_output=True, timeout=300)
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]} ended with {done.returncode}: {done.stderr.decode()[-500:]}")
    return done.stdout


def until(get, waiting):
    while (answer := get())["status"] in waiting:
        time.sleep(0.2)
    return answer


def content(path):
    with open(path, "rb") as file:
        return file.read()


def same(a, b, what):
    if a != b:
        raise AssertionError(f"{what} differ ({len(a)} and {len(b)} bytes)")


def prepare_references():
    """A store for references; answers its id, and the role that imports them."""
    iam = boto3.client("iam")
    role = iam.create_role(RoleName="import", AssumeRolePolicyDocument=ROLE_TRUST)["Role"]["Arn"]
    iam.put_role_policy(RoleName="import", PolicyName="read", PolicyDocument=ROLE_POLICY)
    s3.create_bucket(Bucket="clients-example")
    return omics.create_reference_store(name="references")["id"], role


def import_reference(path, name):
    s3.upload_file(path, "clients-example", f"{name}.fasta")
    source = {"sourceFile": f"s3://clients-example/{name}.fasta", "name": name}
    job = omics.start_reference_import_job(referenceStoreId=reference_store, roleArn=role, sources=[source])["id"]
    done = until(
        lambda: omics.get_reference_import_job(referenceStoreId=reference_store, id=job), ("SUBMITTED", "IN_PROGRESS")
    )
    assert done["status"] == "COMPLETED", done
    named = {"referenceStoreId": reference_store, "id": done["sources"][0]["referenceId"]}
    return omics.get_reference_metadata(**named)["arn"]


def align(path):
    reads = [f"{DATA}/germline/wgs1_R{mate}.fastq.gz" for mate in (1, 2)]
    output("minimap2", "-ax", "sr", "-o", f"{path}.sam", f"{DATA}/germline/reference.fasta", *reads)
    output("samtools", "sort", "-o", path, f"{path}.sam")


def upload(files, file_type, name, **more):
    """By the transfer manager; the read set's metadata once it is processed."""
    id = transfer.upload_read_set(files, store, file_type, name, "subject", "sample", **more)
    get = lambda: omics.get_read_set_metadata(sequenceStoreId=store, id=id)
    found = until(get, ("PROCESSING_UPLOAD",))
    assert found["status"] == "ACTIVE", found
    return found


def download(read_set):
    """By the transfer manager; the paths of its files in their order."""
    folder = os.path.join(FOLDER, f"downloaded-{read_set['id']}")
    transfer.download_read_set(store, read_set["id"], folder)
    return sorted(os.path.join(folder, name) for name in os.listdir(folder))


def get_read_set(read_set, file="SOURCE1"):
    """All parts of GetReadSet in a row."""
    parts = range(1, read_set["files"][file.lower()]["totalParts"] + 1)
    get = lambda part: omics.get_read_set(sequenceStoreId=store, id=read_set["id"], file=file, partNumber=part)
    return b"".join(get(part)["payload"].read() for part in parts)


def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_fastq(mate, megabytes):
    """Reads of random bases and binned qualities, gzip-compressed, until the file has the size."""
    path = os.path.join(FOLDER, f"large_R{mate}.fastq.gz")
    chance = random.Random(SEED + mate)
    length, at_once = 150, 10_000
    letters, qualities = bytes(b"ACGT"[i % 4] for i in range(256)), bytes(b"F:F,F#FF"[i % 8] for i in range(256))
    with open(path, "wb") as raw, gzip.open(raw, "wb", 1) as file:
        first = 0
        # The order of reads is the pair's: both files end after the same number of them.
        while first < megabytes * LARGE_READS_PER_MEGABYTE:
            bases = chance.randbytes(length * at_once).translate(letters)
            quality = chance.randbytes(length * at_once).translate(qualities)
            file.write(
                b"".join(
                    b"@large:%d/%d\n%b\n+\n%b\n" % (first + i, mate, bases[i * length : (i + 1) * length], quality[i * length : (i + 1) * length])
                    for i in range(at_once)
                )
            )
            first += at_once
    return path


def digest_of_records(path, algorithm):
    view = subprocess.Popen(["samtools", "view", "-@", "1", path], stdout=subprocess.PIPE)
    told = hashlib.file_digest(view.stdout, algorithm).hexdigest()
    assert view.wait() == 0
    return told


def object_of(read_set):
    return read_set["files"]["source1"]["s3Access"]["s3Uri"].removeprefix("s3://").split("/", 1)


def some_ranges(count, size):
    """First and last bytes, of lengths around the edges that a server may have."""
    chance = random.Random(SEED)
    for _ in range(count):
        first = chance.randrange(size)
        length = chance.choice([1, 17, 1000, 65_536, 262_144, 262_145])
        yield first, min(size, first + length) - 1


reference_store, role = prepare_references()
reference = import_reference(f"{DATA}/germline/reference.fasta", "germline")
store = omics.create_sequence_store(name="clients")["id"]
bam_path = os.path.join(FOLDER, "germline.bam")
align(bam_path)
pair_paths = [f"{DATA}/virus/reads_R{mate}.fastq.gz" for mate in (1, 2)]
pair = upload(pair_paths, "FASTQ", "pair")
bam = upload(bam_path, "BAM", "aligned", reference_arn=reference)
bytes_of_bam = get_read_set(bam)
bucket, key = object_of(bam)


@check("transfer manager, FASTQ pair")
def _():
    for sent, got in zip(pair_paths, download(pair), strict=True):
        same(content(sent), content(got), "the file that was sent and the one that came back")
    return "both files equal, byte for byte"


@check("transfer manager, BAM")
def _():
    paths = download(bam)
    # The tool adds .gz to the name of whatever begins as gzip does, and BGZF does.
    got = next((path for path in paths if path.endswith((".bam", ".bam.gz"))), None)
    assert got is not None, f"no BAM among what was downloaded: {paths}"
    same(content(got), bytes_of_bam, "the file and GetReadSet")
    same(output("samtools", "view", got), output("samtools", "view", bam_path), "the records")
    return "equal to GetReadSet; the records that were sent"


@check(f"transfer manager, a FASTQ pair of {MEGABYTES} MB")
def _():
    if MEGABYTES == 0:
        return "left out: no size was told"
    with ThreadPoolExecutor(2) as threads:
        sent = list(threads.map(make_fastq, (1, 2), (MEGABYTES / 2,) * 2))
    got = download(upload(sent, "FASTQ", "large"))
    assert [digest(path) for path in sent] == [digest(path) for path in got], "another file came back"
    size = sum(map(os.path.getsize, sent))
    for path in sent + got:
        os.remove(path)
    return f"{size:,} bytes, the same SHA-256"


@check(f"transfer manager, an aligned BAM of {MEGABYTES} MB")
def _():
    if MEGABYTES == 0:
        return "left out: no size was told"
    sent, genome = LARGE
    arn = import_reference(genome, "large")
    found = upload(sent, "BAM", "large", reference_arn=arn)
    got = next(path for path in download(found) if path.endswith((".bam", ".bam.gz")))
    records = digest_of_records(sent, "md5")
    assert digest_of_records(got, "md5") == records, "other records came back"
    assert found["etag"] == {"algorithm": "BAM_MD5up", "source1": records}, found["etag"]
    # The file has one more line of header than the one that was sent, so its own checksum is the store's.
    large_bucket, large_key = object_of(found)
    head = s3.head_object(Bucket=large_bucket, Key=large_key, ChecksumMode="ENABLED")
    assert base64.b64decode(head["ChecksumSHA256"]).hex() == digest(got), "not the file that the store says"
    parts = found["files"]["source1"]["totalParts"]
    return f"{os.path.getsize(sent):,} bytes in {parts} parts, the same records; the file has the store's SHA-256"


@check(f"boto3, {RANGES} random ranges (seed {SEED})")
def _():
    def one(between):
        first, last = between
        got = s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={first}-{last}")["Body"].read()
        same(got, bytes_of_bam[first : last + 1], f"bytes {first} to {last}")

    with ThreadPoolExecutor(4) as threads:
        return f"{len(list(threads.map(one, some_ranges(RANGES, len(bytes_of_bam)))))} equal"


@check("boto3, by the access point's ARN")
def _():
    arn = omics.get_sequence_store(id=store)["s3Access"]["s3AccessPointArn"]
    # It goes into the host's name, which a proxy need not resolve: the server is its own.
    by_name = boto3.client("s3", config=Config(proxies={"http": ENDPOINT}))
    for first, last in some_ranges(20, len(bytes_of_bam)):
        got = by_name.get_object(Bucket=arn, Key=key, Range=f"bytes={first}-{last}")["Body"].read()
        same(got, bytes_of_bam[first : last + 1], f"bytes {first} to {last}")
    listed = by_name.list_objects_v2(Bucket=arn)["Contents"]
    assert listed == s3.list_objects_v2(Bucket=bucket)["Contents"], listed
    by_name.copy_object(CopySource={"Bucket": arn, "Key": key}, Bucket="clients-example", Key="by-arn.bam")
    same(s3.get_object(Bucket="clients-example", Key="by-arn.bam")["Body"].read(), bytes_of_bam, "the copy")
    return f"20 ranges, {len(listed)} objects listed, one copied"


@check("samtools, a region by the S3 URI")
def _():
    address = f"s3+http://{bucket}/{key}"
    host = ENDPOINT.removeprefix("http://")
    got = output("samtools", "view", address, "chr1:5000-6000", HTS_S3_HOST=host, HTS_S3_ADDRESS_STYLE="path")
    output("samtools", "index", bam_path)
    same(got, output("samtools", "view", bam_path, "chr1:5000-6000"), "the records")
    return f"{len(got.splitlines())} records"


@check("rclone")
def _():
    environment = {
        "RCLONE_CONFIG": "/dev/null",
        "RCLONE_S3_PROVIDER": "Other",
        "RCLONE_S3_ENV_AUTH": "true",
        "RCLONE_S3_ENDPOINT": ENDPOINT,
        "RCLONE_S3_FORCE_PATH_STYLE": "true",
    }
    same(output("rclone", "cat", f":s3:{bucket}/{key}", **environment), bytes_of_bam, "the file")
    for first, last in some_ranges(20, len(bytes_of_bam)):
        count = ["--offset", str(first), "--count", str(last + 1 - first)]
        got = output("rclone", "cat", *count, f":s3:{bucket}/{key}", **environment)
        same(got, bytes_of_bam[first : last + 1], f"bytes {first} to {last}")
    listed = output("rclone", "lsf", "-R", "--files-only", f":s3:{bucket}", **environment).decode().split()
    assert key in listed, listed
    return f"the file, 20 ranges, {len(listed)} objects listed"


@check("s3fs")
def _():
    mount = os.path.join(FOLDER, "mounted")
    os.mkdir(mount)
    options = f"url={ENDPOINT},use_path_request_style,ro,endpoint={os.environ['AWS_DEFAULT_REGION']}"
    environment = {"AWSACCESSKEYID": os.environ["AWS_ACCESS_KEY_ID"], "AWSSECRETACCESSKEY": os.environ["AWS_SECRET_ACCESS_KEY"]}
    running = subprocess.Popen(["s3fs", bucket, mount, "-f", "-o", options], env={**os.environ, **environment})
    try:
        for _ in range(100):
            if os.path.ismount(mount) or running.poll() is not None:
                break
            time.sleep(0.1)
        if not os.path.ismount(mount):
            raise RuntimeError("s3fs did not mount the store; it needs FUSE (/dev/fuse)")
        path = os.path.join(mount, key)
        with open(path, "rb") as file:
            for first, last in some_ranges(200, len(bytes_of_bam)):
                got = os.pread(file.fileno(), last + 1 - first, first)
                same(got, bytes_of_bam[first : last + 1], f"bytes {first} to {last}")
        same(content(path), bytes_of_bam, "the file")
        same(output("samtools", "view", path, "chr1:5000-6000"), output("samtools", "view", bam_path, "chr1:5000-6000"), "the records")
    finally:
        running.terminate()
        running.wait(30)
    return "the file, 200 ranges and a region of the mounted folder"


sys.exit(1 if failed else 0)
