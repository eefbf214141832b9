#pragma once

#include "clients/http_client.hpp"

#include <fstream>

namespace dubber {

/// A request's body, piece by piece, in constant memory.
class body_source {
public:
  /// Opens the file, if there is one. Fault `disk`.
  static result<std::shared_ptr<body_source>> open(const http_body& body);

  std::uint64_t length() const {
    return length_;
  }

  /// Of a multipart body; else empty.
  const std::string& content_type() const {
    return content_type_;
  }

  /// Whether it comes from a file: the answer may arrive before its end.
  bool streamed() const {
    return file_.is_open();
  }

  /// The next piece; empty at the end. Fault `disk` when the file got shorter.
  result<std::string_view> next();

private:
  std::string head_; ///< the whole body, or the multipart preamble
  std::string tail_;
  std::ifstream file_;
  std::uint64_t file_left_ = 0;
  std::uint64_t length_ = 0;
  std::string content_type_;
  std::string buffer_;
  int part_ = 0;
};

} // namespace dubber
