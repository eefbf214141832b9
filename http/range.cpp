#include "http/range.hpp"

#include <charconv>

namespace dubber {

namespace {

struct byte_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};

enum class asked { everything, a_part, nothing_there };

/// Beyond 64 bits: the largest number there is.
std::optional<std::uint64_t> position(std::string_view text) {
  std::uint64_t out = 0;
  auto end = text.data() + text.size();
  auto [p, ec] = std::from_chars(text.data(), end, out);
  if (text.empty() || p != end || ec == std::errc::invalid_argument)
    return std::nullopt;
  return ec == std::errc{} ? out : UINT64_MAX;
}

/// `bytes=0-9`, `bytes=10-`, `bytes=-5`; what is malformed is passed over.
asked read_range(std::string_view text, std::uint64_t size, byte_range& out) {
  constexpr std::string_view unit = "bytes=";
  if (!same_word(text.substr(0, unit.size()), unit))
    return asked::everything;
  text.remove_prefix(unit.size());
  auto dash = text.find('-');
  if (dash == std::string_view::npos)
    return asked::everything;
  auto first = position(text.substr(0, dash));
  auto last = position(text.substr(dash + 1));
  if (dash == 0) {
    if (!last)
      return asked::everything;
    if (*last == 0 || size == 0)
      return asked::nothing_there;
    out = {size - std::min(*last, size), size - 1};
    return asked::a_part;
  }
  if (!first || (!last && dash + 1 != text.size()) || (last && *last < *first))
    return asked::everything;
  if (*first >= size)
    return asked::nothing_there;
  out = {*first, last ? std::min(*last, size - 1) : size - 1};
  return asked::a_part;
}

bool matches(std::string_view list, const std::string& tag) {
  return list == "*" || list.find(tag) != std::string_view::npos;
}

} // namespace

http_answer file_answer(const http_call_in& call, http_file file,
                        std::string content_type) {
  http_answer out;
  out.content_type = std::move(content_type);
  out.headers = {{"ETag", file.tag}, {"Accept-Ranges", "bytes"}};
  auto none_match = call.header("If-None-Match");
  if (!none_match.empty() && matches(none_match, file.tag)) {
    out.status = 304;
    out.file = std::move(file);
    return out;
  }
  auto if_range = call.header("If-Range");
  byte_range part;
  auto wish = call.method == "GET" && call.count("Range") == 1
                  && (if_range.empty() || if_range == file.tag)
                ? read_range(call.header("Range"), file.size, part)
                : asked::everything;
  if (wish == asked::nothing_there) {
    out = problem(416, "range",
                  "the file has " + std::to_string(file.size)
                    + " bytes: none of the range is there");
    out.headers.emplace_back("Content-Range",
                             "bytes */" + std::to_string(file.size));
    return out;
  }
  if (wish == asked::a_part) {
    out.status = 206;
    out.headers.emplace_back("Content-Range",
                             "bytes " + std::to_string(part.first) + "-"
                               + std::to_string(part.last) + "/"
                               + std::to_string(file.size));
    file.offset = part.first;
    file.length = part.last - part.first + 1;
  }
  out.file = std::move(file);
  return out;
}

} // namespace dubber
