"""./dev serve: the whole, kept running."""
import json
import os
import signal
import time

from local import sample
from local.demo import own_services
from local.errors import refused
from local.installation import (REPLACEABLE, free_port, installation,
                                port_is_free)

GATEWAY_PORT = 8080
LOOK = 1.0  # seconds between looks whether all programs still run


def check_arguments(options):
    if not port_is_free(options.port):
        raise refused(f"Port {options.port} is taken by another program (perhaps "
                      "another ./dev serve); stop it, or choose another: "
                      f"./dev serve --port {options.port + 1}")
    if options.gateway_port and not port_is_free(options.gateway_port):
        raise refused(f"Port {options.gateway_port} is taken by another program; "
                      "stop it, or leave --gateway-port out.")
    if options.gateway_port == options.port:
        raise refused("The orchestrator and the gateway cannot share a port.")
    return 0


def gateway_port(options):
    if options.gateway_port:
        return options.gateway_port
    wanted = GATEWAY_PORT
    if wanted != options.port and port_is_free(wanted):
        return wanted
    return free_port()


def policy(data, services):
    """The engines listen on other ports at each start: what tells one service
    from another must not be their URLs, or finished work would be done again.
    """
    if os.environ.get("POLICY_FILE"):
        return {}
    path = data / "policy.json"
    path.write_text(json.dumps({"services": {
        name: {"identity": f"engine {name}"} for name in REPLACEABLE
        if name not in services}}, indent=1) + "\n")
    return {"POLICY_FILE": str(path)}


def say(urls, clip):
    gateway, orchestrator = urls["gateway"], urls["orchestrator"]
    print(f"""Running; Ctrl-C stops it.
  orchestrator  {orchestrator}   (pages: {orchestrator}/docs)
  gateway       {gateway}
Try it in another terminal. Upload a video (this one is a sample):

  job=$(curl -s -F 'file=@{clip}' -F targetLang=es {gateway}/api/v1/upload | sed 's/.*"jobId":\\([0-9]*\\).*/\\1/')

Watch it; when it is completed, fetch the dubbed video:

  curl -s {orchestrator}/jobs/$job
  curl -sf -o dubbed.mp4 {orchestrator}/jobs/$job/artifacts/video
""", flush=True)


def run(options):
    check_arguments(options)
    data = options.data.resolve()
    data.mkdir(parents=True, exist_ok=True)
    services = own_services()
    clip = data / "sample.mp4"
    if not clip.exists():
        made = data / "sample.part.mp4"
        sample.make(made)
        os.replace(made, clip)
    whole = installation(options.build, data, port=options.port,
                         gateway_port=gateway_port(options), services=services,
                         settings=policy(data, services), fast=options.fast)
    with whole:
        say(whole.urls, clip)
        for service, url in services.items():
            print(f"Using {url} for {service} ({REPLACEABLE[service]}).",
                  flush=True)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            while True:
                whole.check_alive()
                time.sleep(LOOK)
        except (KeyboardInterrupt, SystemExit):
            print("\nStopping.", flush=True)
    print(f"Everything is stopped. What was done is kept in {data}.")
    return 0
