#pragma once

#include "clients/http/file_descriptor.hpp"
#include "clients/http_client.hpp"

namespace dubber::wire {

/// Yields the bytes of a request body piece by piece, in constant memory:
/// text before, a range of a file, text after (RFC 7578 for multipart).
class body_source {
public:
  /// @param body Must outlive the source: its string is not copied.
  /// @returns `disk` when the file cannot be opened or is no regular file.
  static result<body_source> open(const http_body& body);

  /// All bytes, envelope included.
  std::uint64_t size() const;

  /// What the body itself says about its type; empty except for multipart.
  const std::string& content_type() const {
    return content_type_;
  }

  /// Appends at most `max` bytes; nothing at the end.
  /// @returns bytes appended, or `disk` when the file is shorter than it was.
  result<std::size_t> read(std::string& to, std::size_t max);

private:
  std::size_t take(std::string_view from, std::string& to, std::size_t max);

  std::string_view text_;
  std::string before_;
  std::string after_;
  std::string content_type_;
  std::string name_;
  file_descriptor file_;
  std::uint64_t offset_ = 0;
  std::uint64_t file_bytes_ = 0;
  std::uint64_t position_ = 0;
};

} // namespace dubber::wire
