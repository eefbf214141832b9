#include "clients/http/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace dubber::wire {

tls_context::tls_context(http_client_tls settings)
  : settings_(std::move(settings)) {
  // nop
}

std::string tls_error_text() {
  auto code = ERR_peek_last_error();
  ERR_clear_error();
  if (code == 0)
    return "closed by the peer";
  char text[256];
  ERR_error_string_n(code, text, sizeof text);
  return text;
}

std::string tls_context::load() {
  context_.reset(SSL_CTX_new(TLS_client_method()));
  if (!context_)
    return tls_error_text();
  auto* context = context_.get();
  if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1)
    return tls_error_text();
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE
                              | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER
                              | SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_verify(context,
                     settings_.verify_peer ? SSL_VERIFY_PEER : SSL_VERIFY_NONE,
                     nullptr);
  if (SSL_CTX_set_default_verify_paths(context) != 1)
    return tls_error_text();
  if (!settings_.ca_file.empty()
      && SSL_CTX_load_verify_locations(context, settings_.ca_file.c_str(),
                                       nullptr)
           != 1)
    return "cannot read the CA file " + settings_.ca_file.string() + ": "
           + tls_error_text();
  return {};
}

result<ssl_session> tls_context::session(const std::string& host,
                                         bool is_address, int fd) {
  if (!context_)
    problem_ = load();
  if (!problem_.empty())
    return fault{fault_code::internal, "TLS: " + problem_, 0, {}};
  ssl_session out{SSL_new(context_.get())};
  bool ok = out && SSL_set_fd(out.get(), fd) == 1;
  if (ok && is_address)
    ok = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(out.get()), host.c_str())
         == 1;
  else if (ok)
    ok = SSL_set_tlsext_host_name(out.get(), host.c_str()) == 1
         && SSL_set1_host(out.get(), host.c_str()) == 1;
  if (!ok)
    return fault{fault_code::internal, "TLS: " + tls_error_text(), 0, {}};
  SSL_set_hostflags(out.get(), X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  SSL_set_connect_state(out.get());
  return out;
}

} // namespace dubber::wire
