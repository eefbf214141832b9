"""A real S3 server on loopback, for tests: started, stopped, killed, frozen.

Ceph's object gateway over one monitor and one disk daemon. It verifies every
signature. Its programs need to run as root or as the owner of the folder; no
system service, no manager, nothing mounted but /proc."""
import base64
import contextlib
import os
import pathlib
import secrets
import shutil
import signal
import struct
import subprocess
import tempfile
import uuid

import boto3
import botocore.client
import botocore.exceptions

from support.ports import free_ports
from support.program import until

START_LIMIT = 120  # seconds; it takes about 10 on two cores that are busy
CALL_LIMIT = 60    # seconds that one command line call or request may take

# One copy of everything and as few placement groups, threads and log shards
# as can be: they are what a first start takes its time for.
CONFIGURATION = """\
[global]
fsid = {cluster}
mon host = {monitor_address}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr1 = false
ms async op threads = 1
objecter tick interval = 0.5
objecter timeout = 1
mon client hunt interval = 0.5
keyring = {folder}/keyring
log file = {folder}/log/$type
run dir = {folder}
crash dir = {folder}
admin socket =
debug rocksdb = 1/1

[mon]
mon data = {folder}/mon
mon cluster log file = /dev/null
mon data avail crit = 0
mon allow pool size one = true
paxos propose interval = 0.05
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off

[osd]
osd data = {folder}/osd
bluestore block size = {disk_bytes}
bluestore cache autotune = false
bluestore cache size = 67108864

[client]
rgw data = {folder}
rgw frontends = beast {endpoint} tcp_nodelay=1
rgw enable apis = s3
rgw thread pool size = 32
rgw run sync thread = false
rgw enable quota threads = false
rgw enable lc threads = false
rgw dynamic resharding = false
rgw override bucket index max shards = 1
rgw num control oids = 1
rgw gc max objs = 1
rgw lc max objs = 1
rgw objexp hints num shards = 1
rgw usage max shards = 1
rgw md log max shards = 1
rgw data log num shards = 1
rgw reshard num logs = 1
"""
CAPABILITIES = {
    "mon.": {"mon": "allow *"},
    "client.admin": {"mon": "allow *", "osd": "allow *", "mgr": "allow *"},
    "client.gateway": {"mon": "allow rwx", "osd": "allow rwx"},
    "osd.0": {"mon": "allow profile osd", "osd": "allow *"},
}


def secret_key():
    """A key as Ceph writes it: type 1, time 0, 16 bytes."""
    return base64.b64encode(
        struct.pack("<hiih", 1, 0, 0, 16) + secrets.token_bytes(16)).decode()


class s3_server:
    """One store over one folder; the same objects after each start."""

    region = "us-east-1"

    def __init__(self, disk_bytes=8 << 30, tls=None):
        """@param tls `certificates`: it speaks nothing but TLS."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="s3-"))
        self.port, monitor_port = free_ports(2)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.authority = None
        listens = f"endpoint=127.0.0.1:{self.port}"
        if tls:
            self.endpoint = f"https://localhost:{self.port}"
            self.authority = str(tls.authority)
            listens = (f"ssl_endpoint=127.0.0.1:{self.port} "
                       f"ssl_certificate={tls.certificate} "
                       f"ssl_private_key={tls.key}")
        self.cluster = str(uuid.uuid4())
        self.monitor_address = f"[v2:127.0.0.1:{monitor_port}/0]"
        self.access_key = secrets.token_hex(10).upper()
        self.secret_key = secrets.token_urlsafe(30)
        for name in ("log", "mon", "osd"):
            (self.folder / name).mkdir()
        self.configuration = self.folder / "ceph.conf"
        self.configuration.write_text(CONFIGURATION.format(
            cluster=self.cluster, monitor_address=self.monitor_address,
            folder=self.folder, endpoint=listens, disk_bytes=disk_bytes))
        keyring = self.folder / "keyring"
        keyring.touch(0o600)
        keyring.write_text("".join(
            f"[{name}]\nkey = {secret_key()}\n" + "".join(
                f'caps {what} = "{may}"\n' for what, may in caps.items())
            for name, caps in CAPABILITIES.items()))
        self.daemons = {}
        self.is_made = False

    # -- its life ----------------------------------------------------------

    def start(self):
        """As far as that requests are answered."""
        try:
            if not self.is_made:
                self.make_monitor()
            self.spawn("ceph-mon", "-i", "a")
            if not self.is_made:
                self.make_disk()
            self.spawn("ceph-osd", "-i", "0")
            self.spawn("radosgw", "-n", "client.gateway")
            if not self.is_made:
                self.make_user()
            self.is_made = True
            until(self.answers, START_LIMIT, self.said)
        except BaseException:
            self.kill()
            raise
        return self

    def make_monitor(self):
        monitors = str(self.folder / "monitors")
        self.call("monmaptool", "--create", "--fsid", self.cluster,
                  "--addv", "a", self.monitor_address, monitors)
        self.call("ceph-mon", "--mkfs", "-i", "a", "--monmap", monitors)

    def make_disk(self):
        disk = str(uuid.uuid4())
        self.call("ceph", "--connect-timeout", "30", "osd", "new", disk)
        self.call("ceph-osd", "--mkfs", "-i", "0", "--osd-uuid", disk)

    def make_user(self):
        self.call("radosgw-admin", "user", "create", "--uid=test",
                  "--display-name=test", f"--access-key={self.access_key}",
                  f"--secret-key={self.secret_key}")

    def command(self, program, *arguments):
        return [program, "--conf", str(self.configuration), *arguments]

    def call(self, program, *arguments):
        try:
            subprocess.run(
                self.command(program, *arguments), stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True,
                timeout=CALL_LIMIT, cwd=self.folder)
        except (subprocess.CalledProcessError,
                subprocess.TimeoutExpired) as error:
            text = (error.stdout or b"").decode(errors="replace")[-2000:]
            raise AssertionError(f"{error}: {text}{self.said()}") from None

    def spawn(self, program, *arguments):
        with (self.folder / f"log/{program}.console").open("ab") as console:
            self.daemons[program] = subprocess.Popen(
                self.command(program, "-f", *arguments),
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                cwd=self.folder, start_new_session=True)

    def said(self):
        return "S3 server: " + "".join(
            f"[{file.name}] {file.read_text(errors='replace')[-2000:]}"
            for file in sorted((self.folder / "log").iterdir()))

    def answers(self):
        for program, daemon in self.daemons.items():
            if daemon.poll() is not None:
                raise AssertionError(
                    f"{program} ended with {daemon.returncode}: {self.said()}")
        try:
            self.client(retries=0, limit=5).list_buckets()
            return True
        except (botocore.exceptions.BotoCoreError,
                botocore.exceptions.ClientError):
            return False

    def freeze(self):
        """The one that clients talk to: connections are taken and kept, and
        nothing is answered."""
        self.daemons["radosgw"].send_signal(signal.SIGSTOP)

    def thaw(self):
        self.daemons["radosgw"].send_signal(signal.SIGCONT)

    def kill(self):
        for daemon in reversed(self.daemons.values()):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(daemon.pid, signal.SIGKILL)
            daemon.wait(30)
        self.daemons.clear()

    def stop(self):
        """One after the other, the gateway first."""
        for daemon in reversed(self.daemons.values()):
            daemon.terminate()
            daemon.wait(60)
        self.daemons.clear()

    def close(self):
        """Whatever state it is in: nothing of it is left."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- its clients -------------------------------------------------------

    def client(self, access_key=None, secret=None, retries=2, limit=30):
        """An independent one, boto3's; also for presigned URLs."""
        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name=self.region,
            verify=self.authority,
            aws_access_key_id=access_key or self.access_key,
            aws_secret_access_key=secret or self.secret_key,
            config=botocore.client.Config(
                signature_version="s3v4", s3={"addressing_style": "path"},
                connect_timeout=limit, read_timeout=limit,
                proxies={}, retries={"max_attempts": retries}))

    def make_bucket(self, name):
        self.client().create_bucket(Bucket=name)
        return name
