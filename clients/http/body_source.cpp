#include "clients/http/body_source.hpp"

#include "core/overload.hpp"

#include <atomic>

namespace dubber {

namespace {

constexpr std::size_t piece_size = 64 * 1024;

/// A boundary that does not occur in the file but by an accident of 2^-128: the
/// address and a counter, hashed twice, are good enough against accidents.
std::string new_boundary() {
  static std::atomic<std::uint64_t> counter = 0;
  auto n = ++counter;
  auto a = std::hash<std::string>{}("a" + std::to_string(n));
  auto b = std::hash<std::string>{}(std::to_string(a) + "b");
  return "dubber-" + std::to_string(a) + "-" + std::to_string(b);
}

/// RFC 7578, 2 and WHATWG: quotes and line breaks percent-encoded.
std::string quoted(const std::string& name) {
  std::string out;
  for (char c : name)
    switch (c) {
    case '"':
      out += "%22";
      break;
    case '\r':
      out += "%0D";
      break;
    case '\n':
      out += "%0A";
      break;
    default:
      out += c;
    }
  return out;
}

fault cannot_read(const std::filesystem::path& path) {
  return {fault_code::disk, "cannot read " + path.string(), 0, {}};
}

} // namespace

result<std::shared_ptr<body_source>> body_source::open(const http_body& body) {
  auto out = std::make_shared<body_source>();
  if (auto text = std::get_if<std::string>(&body)) {
    out->head_ = *text;
    out->length_ = text->size();
    return out;
  }
  auto& path = std::holds_alternative<file_body>(body)
                 ? std::get<file_body>(body).path
                 : std::get<multipart_body>(body).path;
  std::error_code ec;
  auto size = std::filesystem::file_size(path, ec);
  out->file_.open(path, std::ios::binary);
  if (ec || !out->file_)
    return cannot_read(path);
  if (auto file = std::get_if<file_body>(&body)) {
    if (file->offset > size || file->length > size - file->offset)
      return cannot_read(path);
    out->file_.seekg(static_cast<std::streamoff>(file->offset));
    out->file_left_ = file->length > 0 ? file->length : size - file->offset;
    out->length_ = out->file_left_;
    return out;
  }
  auto& part = std::get<multipart_body>(body);
  auto boundary = new_boundary();
  out->content_type_ = "multipart/form-data; boundary=" + boundary;
  out->head_ = "--" + boundary + "\r\nContent-Disposition: form-data; name=\""
               + quoted(part.field) + "\"; filename=\"" + quoted(part.filename)
               + "\"\r\nContent-Type: " + quoted(part.content_type)
               + "\r\n\r\n";
  out->tail_ = "\r\n--" + boundary + "--\r\n";
  out->file_left_ = size;
  out->length_ = out->head_.size() + size + out->tail_.size();
  return out;
}

result<std::string_view> body_source::next() {
  if (part_ == 0) {
    part_ = 1;
    if (!head_.empty())
      return std::string_view{head_};
  }
  if (part_ == 1) {
    if (file_left_ > 0) {
      buffer_.resize(std::min<std::uint64_t>(piece_size, file_left_));
      file_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
      if (static_cast<std::size_t>(file_.gcount()) != buffer_.size())
        return fault{
          fault_code::disk, "a file got shorter while it was sent", 0, {}};
      file_left_ -= buffer_.size();
      return std::string_view{buffer_};
    }
    part_ = 2;
    if (!tail_.empty())
      return std::string_view{tail_};
  }
  return std::string_view{};
}

} // namespace dubber
