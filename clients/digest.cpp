#include "clients/digest.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
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
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned int size = 0;
    EVP_DigestFinal_ex(ctx_.get(), digest.data(), &size);
    return dubber::hex({reinterpret_cast<char*>(digest.data()), size});
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

result<std::string> sha256_range(const std::filesystem::path& path,
                                 std::uint64_t offset, std::uint64_t length) {
  std::ifstream in{path, std::ios::binary};
  in.seekg(static_cast<std::streamoff>(offset));
  sha256 h;
  std::vector<char> buffer(256 * 1024);
  while (length > 0) {
    auto want = std::min<std::uint64_t>(length, buffer.size());
    if (!in.read(buffer.data(), static_cast<std::streamsize>(want)))
      return fault{fault_code::disk, "cannot read " + path.string(), 0, {}};
    h.add(buffer.data(), static_cast<std::size_t>(want));
    length -= want;
  }
  return h.hex();
}

std::string hmac_sha256(std::string_view key, std::string_view data) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> out;
  unsigned int size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(data.data()), data.size(),
       out.data(), &size);
  return {reinterpret_cast<char*>(out.data()), size};
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (auto c : bytes) {
    auto byte = static_cast<unsigned char>(c);
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

} // namespace dubber
