"""Objects by their keys: a folder that orchestrator and worker share
(STORE_URL=file:DIR), else the bucket of the MINIO_* variables."""
import hashlib
import os
import pathlib
import shutil
import uuid

from failures import NotFound


def sha256_of(path):
    """In hex, read in pieces."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


class folder:
    def __init__(self, root):
        self.root = pathlib.Path(root)

    def path(self, key):
        parts = pathlib.PurePosixPath(key).parts
        if not parts or key.startswith("/") or ".." in parts:
            raise NotFound(f"{key!r} is not the key of an object", key)
        return self.root.joinpath(*parts)

    def get(self, key, to):
        try:
            shutil.copyfile(self.path(key), to)
        except FileNotFoundError:
            raise NotFound(f"there is no object {key}", key) from None

    def put(self, file, key, _sha256):
        """Invisible until it is complete and on disk."""
        target = self.path(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        # Not one of the names that the orchestrator sweeps when it starts.
        half = target.with_name(f".worker-audio-{uuid.uuid4().hex}")
        try:
            shutil.copyfile(file, half)
            with open(half, "rb") as written:
                os.fsync(written.fileno())
            os.replace(half, target)
        finally:
            half.unlink(missing_ok=True)
        parent = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(parent)
        finally:
            os.close(parent)


class bucket:
    def __init__(self, env):
        import boto3  # of this store only
        import botocore.config
        import botocore.exceptions
        self.failed = botocore.exceptions.ClientError
        endpoint = env.get("MINIO_ENDPOINT", "localhost:9000")
        if "://" not in endpoint:
            endpoint = "http://" + endpoint
        self.name = env.get("MINIO_BUCKET", "videos")
        self.s3 = boto3.client(
            "s3", endpoint_url=endpoint,
            aws_access_key_id=env.get("MINIO_ACCESS_KEY", "minio"),
            aws_secret_access_key=env.get("MINIO_SECRET_KEY", "minio123"),
            region_name=env.get("MINIO_REGION", "us-east-1"),
            config=botocore.config.Config(
                s3={"addressing_style": "path"}, signature_version="s3v4",
                connect_timeout=10, read_timeout=60,
                retries={"max_attempts": 3}))

    def get(self, key, to):
        try:
            self.s3.download_file(self.name, key, str(to))
        except self.failed as why:
            if why.response["Error"]["Code"] in ("404", "NoSuchKey"):
                raise NotFound(f"there is no object {key}", key) from None
            raise

    def put(self, file, key, sha256):
        """The hash goes with it, as with objects of the orchestrator."""
        self.s3.upload_file(str(file), self.name, key,
                            ExtraArgs={"Metadata": {"sha256": sha256}})


def open_store(env):
    url = env.get("STORE_URL") or "s3"
    if url.startswith("file:") and len(url) > 5:
        return folder(url[5:])
    if url != "s3":
        raise SystemExit("STORE_URL: must be file:DIR or s3")
    return bucket(env)


def fetch_artifact(store, what, to):
    """An object of a plan, `{key, sha256, bytes}`: a damaged one is missing."""
    store.get(what["key"], to)
    if sha256_of(to) != what["sha256"]:
        raise NotFound(f"the object {what['key']} is damaged", what["key"])
    return to
