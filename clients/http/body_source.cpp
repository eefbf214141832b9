#include "clients/http/body_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <random>

namespace dubber::wire {

namespace {

fault disk(const std::filesystem::path& path, std::string_view why) {
  return {fault_code::disk,
          "cannot read " + path.filename().string() + ": " + std::string{why},
          0,
          {}};
}

/// As browsers write it: quotes and line breaks percent-encoded.
std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '"')
      out += "%22";
    else if (c == '\r')
      out += "%0D";
    else if (c == '\n')
      out += "%0A";
    else if (c == '\0')
      out += "%00";
    else
      out += c;
  }
  return out;
}

std::string new_boundary() {
  std::random_device chance;
  std::string out = "dubber-";
  for (int i = 0; i < 4; ++i)
    out += std::to_string(chance());
  return out;
}

} // namespace

result<body_source> body_source::open(const http_body& body) {
  body_source out;
  if (auto* text = std::get_if<std::string>(&body)) {
    out.text_ = *text;
    return out;
  }
  auto* multipart = std::get_if<multipart_body>(&body);
  auto* file = std::get_if<file_body>(&body);
  const auto& path = multipart ? multipart->path : file->path;
  out.name_ = path.filename().string();
  out.file_
    = file_descriptor{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (!out.file_.open())
    return disk(path, std::strerror(errno));
  struct stat status {};
  if (::fstat(out.file_.get(), &status) != 0)
    return disk(path, std::strerror(errno));
  if (!S_ISREG(status.st_mode))
    return disk(path, "not a regular file");
  auto all = static_cast<std::uint64_t>(status.st_size);
  out.offset_ = file ? file->offset : 0;
  if (out.offset_ > all)
    return disk(path, "it is shorter than the wanted offset");
  out.file_bytes_ = all - out.offset_;
  if (file && file->length != 0) {
    if (file->length > out.file_bytes_)
      return disk(path, "it is shorter than the wanted range");
    out.file_bytes_ = file->length;
  }
  if (multipart) {
    auto boundary = new_boundary();
    out.content_type_ = "multipart/form-data; boundary=" + boundary;
    out.before_ = "--" + boundary
                  + "\r\nContent-Disposition: form-data; name=\""
                  + escaped(multipart->field) + "\"; filename=\""
                  + escaped(multipart->filename) + "\"\r\nContent-Type: "
                  + escaped(multipart->content_type) + "\r\n\r\n";
    out.after_ = "\r\n--" + boundary + "--\r\n";
  }
  return out;
}

std::uint64_t body_source::size() const {
  return text_.size() + before_.size() + file_bytes_ + after_.size();
}

std::size_t body_source::take(std::string_view from, std::string& to,
                              std::size_t max) {
  auto piece = from.substr(0, max);
  to.append(piece);
  position_ += piece.size();
  return piece.size();
}

result<std::size_t> body_source::read(std::string& to, std::size_t max) {
  if (!file_.open())
    return take(text_.substr(position_), to, max);
  if (position_ < before_.size())
    return take(std::string_view{before_}.substr(position_), to, max);
  auto inside = position_ - before_.size();
  if (inside >= file_bytes_)
    return take(std::string_view{after_}.substr(inside - file_bytes_), to, max);
  auto old = to.size();
  auto want = static_cast<std::size_t>(
    std::min<std::uint64_t>(max, file_bytes_ - inside));
  to.resize(old + want);
  ssize_t got = 0;
  do {
    got = ::pread(file_.get(), to.data() + old, want,
                  static_cast<off_t>(offset_ + inside));
  } while (got < 0 && errno == EINTR);
  to.resize(old + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
  if (got <= 0)
    return disk(name_, got < 0 ? std::strerror(errno) : "it became shorter");
  position_ += static_cast<std::uint64_t>(got);
  return static_cast<std::size_t>(got);
}

} // namespace dubber::wire
