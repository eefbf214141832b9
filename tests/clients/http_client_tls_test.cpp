#include "tests/support/await.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_server.hpp"
#include "tests/support/scratch.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>

using namespace dubber;
using namespace dubber::test;

namespace {

struct release {
  void operator()(EVP_PKEY* p) const {
    EVP_PKEY_free(p);
  }
  void operator()(X509* p) const {
    X509_free(p);
  }
  void operator()(SSL_CTX* p) const {
    SSL_CTX_free(p);
  }
  void operator()(SSL* p) const {
    SSL_free(p);
  }
};

/// A certificate of its own authority for one name.
struct identity {
  std::unique_ptr<EVP_PKEY, release> key{EVP_EC_gen("P-256")};
  std::unique_ptr<X509, release> certificate{X509_new()};

  explicit identity(const char* alternative_name) {
    auto* x = certificate.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x), 3600);
    X509_set_pubkey(x, key.get());
    auto* name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(
      name, "CN", MBSTRING_ASC,
      reinterpret_cast<const unsigned char*>("dubber test"), -1, -1, 0);
    X509_set_issuer_name(x, name);
    for (auto [what, value] :
         {std::pair{NID_basic_constraints, "critical,CA:TRUE"},
          std::pair{NID_subject_alt_name, alternative_name}}) {
      auto* extension = X509V3_EXT_conf_nid(nullptr, nullptr, what, value);
      X509_add_ext(x, extension, -1);
      X509_EXTENSION_free(extension);
    }
    X509_sign(x, key.get(), EVP_sha256());
  }

  void write(const std::filesystem::path& path) const {
    auto* file = std::fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate.get());
    std::fclose(file);
  }
};

/// Answers every request over TLS with the name the client asked for (SNI).
raw_server::script speak_tls(const identity& who, std::size_t body_bytes) {
  return [&who, body_bytes](peer& client, int) {
    std::unique_ptr<SSL_CTX, release> context{SSL_CTX_new(TLS_server_method())};
    SSL_CTX_use_certificate(context.get(), who.certificate.get());
    SSL_CTX_use_PrivateKey(context.get(), who.key.get());
    std::unique_ptr<SSL, release> ssl{SSL_new(context.get())};
    SSL_set_fd(ssl.get(), client.fd());
    if (SSL_accept(ssl.get()) != 1)
      return;
    auto* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name);
    std::string body = (name ? name : "-") + std::string(body_bytes, 'x');
    auto answer = "HTTP/1.1 200 OK\r\nContent-Length: "
                  + std::to_string(body.size()) + "\r\n\r\n" + body;
    char buffer[4096];
    while (SSL_read(ssl.get(), buffer, sizeof buffer) > 0)
      if (SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()))
          <= 0)
        return;
  };
}

std::string https(const raw_server& server, const std::string& host) {
  return "https://" + host + ":" + std::to_string(server.port()) + "/";
}

/// OpenSSL writes to sockets without MSG_NOSIGNAL.
const auto no_sigpipe = ::signal(SIGPIPE, SIG_IGN);

} // namespace

TEST_CASE("TLS: a trusted name, SNI, one connection for many calls") {
  scratch folder;
  identity who{"DNS:localhost,IP:127.0.0.1"};
  who.write(folder.file("ca.pem"));
  raw_server server{speak_tls(who, 500'000)};
  http_client client{{}, {folder.file("ca.pem"), true}};
  for (int i = 0; i < 3; ++i) {
    auto out = call(client, get(https(server, "localhost")));
    REQUIRE(out);
    CHECK(out->body.size() == 500'009);
    CHECK(out->body.substr(0, 9) == "localhost");
  }
  CHECK(server.accepted() == 1);
  auto by_address = call(client, get(https(server, "127.0.0.1")));
  REQUIRE(by_address);
  CHECK(by_address->body[0] == '-');
}

TEST_CASE("TLS: an unknown authority or another name is no neighbour") {
  scratch folder;
  identity who{"DNS:elsewhere.example"};
  who.write(folder.file("ca.pem"));
  raw_server server{speak_tls(who, 1)};
  http_client strange;
  http_client trusting{{}, {folder.file("ca.pem"), true}};
  http_client careless{{}, {{}, false}};
  auto wrong_name = call(trusting, get(https(server, "localhost")));
  REQUIRE(!wrong_name);
  CHECK(wrong_name.error().code == fault_code::unreachable);
  CHECK(wrong_name.error().message.find("certificate") != std::string::npos);
  CHECK(!call(trusting, get(https(server, "127.0.0.1"))));
  CHECK(!call(strange, get(https(server, "localhost"))));
  CHECK(call(careless, get(https(server, "localhost"))));
}

TEST_CASE("TLS: a CA file that cannot be read, a server without TLS") {
  raw_server server{[](peer& client, int) {
    client.send("HTTP/1.1 400\r\n\r\n");
  }};
  http_client broken{{}, {"/nonexistent/ca.pem", true}};
  auto out = call(broken, get(https(server, "127.0.0.1")));
  REQUIRE(!out);
  CHECK(out.error().code == fault_code::internal);
  http_client client;
  out = call(client, get(https(server, "127.0.0.1")));
  REQUIRE(!out);
  CHECK(out.error().code == fault_code::unreachable);
}
