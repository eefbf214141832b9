# shellcheck shell=bash
# The Debian packages of all other purposes than building and running.
# Sourced by dev, which uses the lists.
# shellcheck disable=SC2034

# shellcheck source=tools/packages_product.sh
source "${BASH_SOURCE[0]%/*}/packages_product.sh"

packages_sample=(pocketsphinx-testdata fonts-dejavu-core)
packages_test=(catch2 ccache python3-fastapi python3-uvicorn python3-multipart curl
  strace rabbitmq-server python3-pika radosgw ceph-mon ceph-osd python3-boto3
  redis-server python3-celery python3-redis docker-compose)
packages_images=(buildah podman runc catatonit mmdebstrap iproute2)
packages_check=(clang-format clang-tidy)
# Roughly, of all that demo and serve need on a bare Debian 12.
packages_download="290 MB to download, 1.1 GB on disk"

promtool_dir=.cache/promtool
nginx_dir=.cache/nginx

# The tests start their own brokers and stores: of those that were just installed
# for them none has to run by itself, where systemd starts what is installed.
services_not_wanted=(rabbitmq-server redis-server ceph-crash podman.socket
  podman-auto-update.timer podman-restart.service)
keep_quiet() {
  local service
  [[ -d /run/systemd/system ]] || return 0
  for service in "${services_not_wanted[@]}"; do
    if [[ " $* " == *" ${service%%.*} "* || $service == ceph-crash && " $* " == *" radosgw "*
      || $service == podman* && " $* " == *" podman "* ]]; then
      as_root systemctl disable --now "$service" || true # it may not be there
    fi
  done
}

# For a test: without the server, which would start.
need_promtool() {
  [[ -x $promtool_dir/promtool ]] || command -v promtool >/dev/null \
    || unpack "promtool (20 MB)" prometheus "$promtool_dir" usr/bin/promtool
}

# For `./dev bench jobs`: without the server, which would start.
need_nginx() {
  if [[ ! -x $nginx_dir/nginx ]]; then
    need libpcre2-8-0 zlib1g libcrypt1 # beside what the build has
    unpack "nginx (1 MB)" nginx "$nginx_dir" usr/sbin/nginx
  fi
}
