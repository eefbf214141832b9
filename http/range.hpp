#pragma once

#include "http/call.hpp"

namespace dubber {

/// A file as the answer to a GET: `Range` with one range of bytes, `If-Range`
/// and `If-None-Match` are followed (200, 206, 304 or 416); several ranges at
/// once get the whole file, as RFC 9110 permits.
http_answer file_answer(const http_call_in& call, http_file file,
                        std::string content_type);

} // namespace dubber
