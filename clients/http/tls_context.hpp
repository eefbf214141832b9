#pragma once

#include "clients/http_client.hpp"

#include <openssl/ssl.h>

#include <memory>

namespace dubber::wire {

struct ssl_free {
  void operator()(SSL* ssl) const {
    SSL_free(ssl);
  }
  void operator()(SSL_CTX* context) const {
    SSL_CTX_free(context);
  }
};

using ssl_session = std::unique_ptr<SSL, ssl_free>;

/// What all TLS connections of a client share: trusted authorities, TLS 1.2 or
/// later. Loaded at the first https call.
class tls_context {
public:
  explicit tls_context(http_client_tls settings);

  /// A client's side of a session that checks the peer's name.
  /// @returns `internal` when the CA file cannot be used.
  result<ssl_session> session(const std::string& host, bool is_address, int fd);

private:
  std::string load();

  http_client_tls settings_;
  std::unique_ptr<SSL_CTX, ssl_free> context_;
  std::string problem_;
};

/// The newest of OpenSSL's errors in words; empties its queue.
std::string tls_error_text();

} // namespace dubber::wire
