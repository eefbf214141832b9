#pragma once

#include "clients/http/url.hpp"
#include "clients/http_client.hpp"

namespace dubber::wire {

/// The whole request where its body is a text that is not long; else the
/// request line and the headers, without those that frame the body
/// (Content-Length) and the empty line.
/// @returns `refused` when method or headers hold what would let one request
/// become two (CR, LF, NUL), or try to set the framing themselves.
result<std::string> make_message(const http_request& request, const url& where);

/// Whether `make_message` has put the body in.
bool is_sent_at_once(const http_request& request);

/// Whether the length of the body is announced even if there is none.
bool wants_length(const http_request& request);

/// Whether sending the request twice does no more than sending it once: by its
/// method (RFC 9110, 9.2.2) or because it carries an Idempotency-Key.
bool may_repeat(const http_request& request);

/// Compares ASCII text without case.
bool same_name(std::string_view a, std::string_view b);

} // namespace dubber::wire
