#pragma once

#include "clients/http_client.hpp"
#include "clients/s3/s3_client.hpp"

/// What an S3 store's answers mean; pure.
namespace dubber::s3 {

/// Of an answer that is no success.
fault fault_of(const http_response& answer, const std::string& key);

/// Answers to copies and to the end of an upload may be 200 and hold an error
/// all the same. @return its fault, if so.
std::optional<fault> hidden_fault(const http_response& answer,
                                  const std::string& key);

result<s3_page> parse_page(const std::string& body);
result<std::vector<s3_upload>> parse_uploads(const std::string& body);
/// The text of the first element of that name under the root; empty: none.
std::string element(const std::string& body, const char* name);

/// The body that ends an upload.
std::string parts_document(const std::vector<std::string>& etags);

/// `2026-11-28T16:40:00.000Z`; nothing when it is none.
std::optional<time_point> parse_time(std::string_view text);

/// By the key's ending.
std::string content_type(const std::string& key);

} // namespace dubber::s3
