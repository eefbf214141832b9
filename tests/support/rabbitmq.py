"""A real RabbitMQ on loopback, for tests: started, stopped, killed, frozen."""
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

import pika

from support.freezable import freezable
from support.ports import free_ports
from support.program import until

SERVER = "/usr/lib/rabbitmq/bin/rabbitmq-server"
ERLANG = ("-kernel inet_dist_use_interface {127,0,0,1} "
          "+S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none")


class rabbitmq(freezable):
    """One broker over one folder; the same data after each start. On another
    address than loopback, guest may come from anywhere."""

    def __init__(self, host="127.0.0.1", port=None, tls=None):
        """@param tls `certificates`: on `tls_port` besides."""
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rabbitmq-"))
        self.port, epmd, distribution, self.tls_port = free_ports(4)
        self.port = port or self.port
        for name in ("home", "conf", "log"):
            (self.folder / name).mkdir()
        cookie = self.folder / "home/.erlang.cookie"
        cookie.write_text("DUBBERTESTCOOKIE")
        cookie.chmod(0o400)
        (self.folder / "conf/enabled_plugins").write_text("[].")
        (self.folder / "conf/rabbitmq.conf").write_text(
            f"listeners.tcp.1 = {host}:{self.port}\n"
            f"loopback_users.guest = {str(host == '127.0.0.1').lower()}\n"
            "log.console = false\n"
            "vm_memory_high_watermark.absolute = 512MB\n"
            "disk_free_limit.absolute = 50MB\n" + ("" if tls is None else
            f"listeners.ssl.1 = {host}:{self.tls_port}\n"
            f"ssl_options.cacertfile = {tls.authority}\n"
            f"ssl_options.certfile = {tls.certificate}\n"
            f"ssl_options.keyfile = {tls.key}\n"))
        self.pid_file = self.folder / "rabbit.pid"
        self.env = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.folder / "home"), "LANG": "C.UTF-8",
            "ERL_EPMD_ADDRESS": "127.0.0.1", "ERL_EPMD_PORT": str(epmd),
            "RABBITMQ_NODENAME": f"node{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": host,
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "conf/rabbitmq"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_ENABLED_PLUGINS_FILE":
                str(self.folder / "conf/enabled_plugins"),
            "RABBITMQ_PID_FILE": str(self.pid_file),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG,
        }
        self.shell = None

    @property
    def url(self):
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"

    # -- its life ----------------------------------------------------------

    def start(self):
        self.pid_file.unlink(missing_ok=True)
        with (self.folder / "log/console").open("ab") as console:
            self.shell = subprocess.Popen(
                [SERVER], env=self.env, stdin=subprocess.DEVNULL,
                stdout=console, stderr=console, start_new_session=True,
                cwd=self.folder)
        until(self.answers, 60, self.said)
        return self

    def said(self):
        return "RabbitMQ: " + "".join(
            file.read_text(errors="replace")[-2000:]
            for file in (self.folder / "log").iterdir())

    def answers(self):
        try:
            self.connect().close()
            return True
        except (pika.exceptions.AMQPError, OSError):
            return False

    def pid(self):
        return int(self.pid_file.read_text())

    def signal(self, what):
        os.kill(self.pid(), what)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.shell.wait(30)

    def stop(self):
        self.signal(signal.SIGTERM)
        self.shell.wait(30)

    def close(self):
        """Whatever state it is in: nothing of it is left."""
        if self.shell and self.shell.poll() is None:
            self.thaw()
            self.kill()
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:  # once the node has unregistered
            done = subprocess.run(
                ["epmd", "-port", self.env["ERL_EPMD_PORT"], "-kill"],
                env=self.env, capture_output=True, check=False)
            if b"Killed" in done.stdout or done.returncode:
                break
            time.sleep(0.05)
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- its clients -------------------------------------------------------

    def connect(self):
        return pika.BlockingConnection(pika.ConnectionParameters(
            "127.0.0.1", self.port, heartbeat=0, socket_timeout=10,
            blocked_connection_timeout=10))

    def channel(self):
        """A channel on a connection of its own."""
        return self.connect().channel()

    def publish(self, body, queue="job.created", **properties):
        """As the gateway does: to the default exchange, confirmed."""
        channel = self.channel()
        channel.confirm_delivery()
        channel.queue_declare(queue, durable=True)
        channel.basic_publish(
            "", queue, body, pika.BasicProperties(**{
                "content_type": "application/json", "delivery_mode": 2,
                **properties}), mandatory=True)
        channel.connection.close()

    def depth(self, queue="job.created"):
        """Messages that are ready; those that nobody has acknowledged are not
        among them."""
        channel = self.channel()
        n = channel.queue_declare(queue, durable=True,
                                  passive=True).method.message_count
        channel.connection.close()
        return n

    def take(self, queue):
        """The next message: (properties, body); None when there is none."""
        channel = self.channel()
        method, properties, body = channel.basic_get(queue, auto_ack=True)
        channel.connection.close()
        return (properties, body) if method else None
