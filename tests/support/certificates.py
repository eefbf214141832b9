"""An authority of our own and its certificate for localhost, for tests."""
import pathlib
import subprocess


class certificates:
    """`authority` is trusted, `stranger` is none of its; `certificate` and
    `key` are a server's."""

    def __init__(self, folder):
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        self.authority, authority_key = self.make_authority(folder / "ca")
        self.stranger, _ = self.make_authority(folder / "stranger")
        self.certificate = folder / "server.pem"
        self.key = folder / "server.key"
        request = folder / "server.csr"
        openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj",
                "/CN=localhost", "-keyout", self.key, "-out", request)
        names = folder / "names"
        names.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
        openssl("x509", "-req", "-in", request, "-CA", self.authority,
                "-CAkey", authority_key, "-CAcreateserial", "-days", "2",
                "-extfile", names, "-out", self.certificate)

    @staticmethod
    def make_authority(stem):
        certificate, key = stem.with_suffix(".pem"), stem.with_suffix(".key")
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                "-subj", f"/CN=test {stem.name}", "-keyout", key, "-out",
                certificate)
        return certificate, key


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, timeout=60,
                   capture_output=True)
