#include "clients/http/request_head.hpp"

#include <algorithm>
#include <array>

namespace dubber::wire {

namespace {

/// A longer text is read as it is sent, as a file is.
constexpr std::size_t long_text = 16 * 1024;

bool alpha_num(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9');
}

bool token(std::string_view text) {
  constexpr std::string_view more = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return alpha_num(c) || more.find(c) != std::string_view::npos;
  });
}

bool clean_value(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= ' ' && byte != 0x7f);
  });
}

bool frames(std::string_view name) {
  constexpr std::array<std::string_view, 7> ours{
    "content-length", "transfer-encoding", "connection", "expect",
    "upgrade",        "keep-alive",        "trailer"};
  return std::any_of(ours.begin(), ours.end(),
                     [&](auto mine) { return same_name(mine, name); });
}

/// Of the head, at most: room for one allocation.
std::size_t length_of(const http_request& request, const url& where) {
  constexpr std::size_t own = 80; // what it adds itself, but for the host
  auto out = own + request.method.size() + where.target.size()
             + where.authority.size();
  for (auto& [name, value] : request.headers)
    out += name.size() + value.size() + 4;
  return out;
}

fault refused(std::string why) {
  return {fault_code::refused, std::move(why), 0, {}};
}

} // namespace

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size()
         && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
              auto low = [](char c) {
                return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
              };
              return low(x) == low(y);
            });
}

bool is_sent_at_once(const http_request& request) {
  auto text = std::get_if<std::string>(&request.body);
  return text && text->size() <= long_text;
}

bool wants_length(const http_request& request) {
  auto& method = request.method;
  return method == "POST" || method == "PUT" || method == "PATCH";
}

result<std::string> make_message(const http_request& request,
                                 const url& where) {
  if (!token(request.method) || request.method == "CONNECT")
    return refused("not a usable HTTP method");
  bool host = false;
  bool agent = false;
  for (auto& [name, value] : request.headers) {
    if (!token(name) || !clean_value(value))
      return refused("a header that is not plain text: " + name.substr(0, 40));
    if (frames(name))
      return refused("the client itself sets the header " + name);
    host |= same_name(name, "host");
    agent |= same_name(name, "user-agent");
  }
  auto text
    = is_sent_at_once(request) ? &std::get<std::string>(request.body) : nullptr;
  std::string out;
  out.reserve(length_of(request, where) + (text ? text->size() : 0));
  out.append(request.method).append(" ").append(where.target);
  out += " HTTP/1.1\r\n";
  for (auto& [name, value] : request.headers)
    out.append(name).append(": ").append(value).append("\r\n");
  if (!host)
    out.append("Host: ").append(where.authority).append("\r\n");
  if (!agent)
    out += "User-Agent: dubber\r\n";
  if (!text)
    return out;
  if (!text->empty() || wants_length(request))
    out.append("Content-Length: ")
      .append(std::to_string(text->size()))
      .append("\r\n");
  out.append("\r\n").append(*text);
  return out;
}

bool may_repeat(const http_request& request) {
  for (auto method : {"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"})
    if (request.method == method)
      return true;
  return std::any_of(
    request.headers.begin(), request.headers.end(),
    [](auto& header) { return same_name(header.first, "idempotency-key"); });
}

} // namespace dubber::wire
