#include "app/api_tokens.hpp"

#include "app/values.hpp"
#include "clients/digest.hpp"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace dubber {

namespace {

constexpr std::size_t max_file = 1024 * 1024;
constexpr std::size_t min_token = 16;
constexpr std::size_t max_token = 512;

/// What RFC 6750 lets a bearer token be made of.
bool is_token(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9')
           || std::string_view{"-._~+/="}.find(c) != std::string_view::npos;
  });
}

/// Without a branch on what is compared.
bool same_hash(std::string_view a, std::string_view b) {
  unsigned different = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
    different |= static_cast<unsigned char>(a[i] ^ b[i]);
  return different == 0;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank = " \t\r";
  auto first = text.find_first_not_of(blank);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

/// The file's text; or what is wrong, in `mistake`.
std::string read_private(const std::filesystem::path& file,
                         std::string& mistake) {
  auto fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat info {};
  std::string text;
  if (fd < 0 || ::fstat(fd, &info) != 0) {
    mistake = "cannot be read: " + std::string{::strerror(errno)};
  } else if (!S_ISREG(info.st_mode)) {
    mistake = "is not a file";
  } else if ((info.st_mode & S_IRWXO) != 0) {
    mistake = "others than its owner and group have access to it: chmod o= it";
  } else {
    std::array<char, 4096> buffer{};
    ssize_t n = 0;
    while (text.size() <= max_file
           && (n = ::read(fd, buffer.data(), buffer.size())) > 0)
      text.append(buffer.data(), static_cast<std::size_t>(n));
    if (n < 0)
      mistake = "cannot be read: " + std::string{::strerror(errno)};
    else if (text.size() > max_file)
      mistake = "is longer than 1 MiB";
    ::explicit_bzero(buffer.data(), buffer.size());
  }
  if (fd >= 0)
    ::close(fd);
  return text;
}

} // namespace

std::variant<api_tokens, std::vector<std::string>>
api_tokens::load(const std::filesystem::path& file) {
  std::string mistake;
  auto text = read_private(file, mistake);
  std::vector<std::string> mistakes;
  if (!mistake.empty())
    mistakes.push_back(mistake);
  api_tokens out;
  std::size_t number = 0;
  for (std::size_t begin = 0; begin < text.size();) {
    auto end = std::min(text.find('\n', begin), text.size());
    ++number;
    auto line = trimmed(std::string_view{text}.substr(begin, end - begin));
    if (!line.empty() && !line.starts_with('#'))
      if (auto wrong = out.add(line); !wrong.empty())
        mistakes.push_back("line " + std::to_string(number) + ": " + wrong);
    begin = end + 1;
  }
  ::explicit_bzero(text.data(), text.size());
  if (mistakes.empty() && out.entries_.empty())
    mistakes.emplace_back("holds no token");
  if (!mistakes.empty())
    return mistakes;
  return out;
}

std::string api_tokens::add(std::string_view line) {
  auto colon = line.find(':');
  if (colon == std::string_view::npos)
    return "is not name:token";
  std::string name{line.substr(0, colon)};
  auto token = line.substr(colon + 1);
  if (!is_identifier(name))
    return "the name has to be 1 to 64 letters, digits, '-', '_' or '.'";
  if (name == "local" || name == "anonymous")
    return "the name " + name + " is taken: requests without a token have it";
  if (token.size() < min_token || token.size() > max_token)
    return "the token has to be " + std::to_string(min_token) + " to "
           + std::to_string(max_token) + " characters long";
  if (!is_token(token))
    return "the token may hold letters, digits and -._~+/= only";
  auto hash = sha256_hex(token);
  for (auto& known : entries_) {
    if (known.name == name)
      return "the name " + name + " occurs twice";
    if (known.sha256 == hash)
      return "the token is that of " + known.name + " too";
  }
  entries_.push_back({std::move(name), std::move(hash)});
  return {};
}

std::optional<std::string> api_tokens::owner(std::string_view token) const {
  auto hash = sha256_hex(token);
  const entry* found = nullptr;
  for (auto& known : entries_)
    if (same_hash(known.sha256, hash))
      found = &known;
  if (found == nullptr)
    return std::nullopt;
  return found->name;
}

} // namespace dubber
