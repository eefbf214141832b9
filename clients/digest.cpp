#include "clients/digest.hpp"

#include <openssl/evp.h>

#include <fstream>
#include <memory>
#include <vector>

namespace dubber {

namespace {

class sha256 {
public:
  sha256() : ctx_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    EVP_DigestInit_ex(ctx_.get(), EVP_sha256(), nullptr);
  }

  void add(const void* data, std::size_t size) {
    EVP_DigestUpdate(ctx_.get(), data, size);
  }

  std::string hex() {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_DigestFinal_ex(ctx_.get(), digest, &size);
    constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (unsigned int i = 0; i < size; ++i) {
      out += digits[digest[i] >> 4];
      out += digits[digest[i] & 15];
    }
    return out;
  }

private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> ctx_;
};

} // namespace

std::string sha256_hex(std::string_view data) {
  sha256 h;
  h.add(data.data(), data.size());
  return h.hex();
}

result<std::string> sha256_file(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  sha256 h;
  std::vector<char> buffer(256 * 1024);
  while (in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()))
         || in.gcount() > 0)
    h.add(buffer.data(), static_cast<std::size_t>(in.gcount()));
  if (!in.eof())
    return fault{fault_code::disk, "cannot read " + path.string(), 0, {}};
  return h.hex();
}

} // namespace dubber
