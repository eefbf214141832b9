#include "engines/multipart.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <map>

namespace dubber {

namespace {

constexpr size_t longest_head = 16 << 10;
constexpr size_t longest_boundary = 70;
constexpr std::string_view crlf = "\r\n";

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& c : out)
    c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

std::string_view trim(std::string_view text) {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes a token or a quoted string off the front.
std::string take_value(std::string_view& text) {
  if (!text.starts_with('"')) {
    auto end = std::min(text.find(';'), text.size());
    std::string out{trim(text.substr(0, end))};
    text.remove_prefix(end);
    return out;
  }
  std::string out;
  size_t i = 1;
  for (; i < text.size() && text[i] != '"'; ++i) {
    // Only what needs it is escaped: C:\video.mp4 keeps its backslash.
    if (text[i] == '\\' && i + 1 < text.size()
        && (text[i + 1] == '"' || text[i + 1] == '\\'))
      ++i;
    out += text[i];
  }
  text.remove_prefix(std::min(i + 1, text.size()));
  return out;
}

/// The parameters of `form-data; name="file"; filename="a b.mp4"`.
std::map<std::string, std::string> parameters(std::string_view value) {
  std::map<std::string, std::string> out;
  value.remove_prefix(std::min(value.find(';'), value.size()));
  while (!value.empty()) {
    value.remove_prefix(1); // the semicolon, or rubbish behind a value
    auto equals = value.find('=');
    auto next = value.find(';');
    if (equals == std::string_view::npos || next < equals) {
      value.remove_prefix(std::min(next, value.size()));
      continue;
    }
    auto name = lower(trim(value.substr(0, equals)));
    value.remove_prefix(equals + 1);
    value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
    out.emplace(name, take_value(value));
  }
  return out;
}

/// `UTF-8''na%C3%AFve.mp4`; nothing for another character set.
std::string decode_extended(std::string_view value) {
  if (!lower(value).starts_with("utf-8'"))
    return {};
  auto text = value.substr(std::min(value.find('\'', 6), value.size()));
  std::string out;
  for (size_t i = 1; i < text.size(); ++i) {
    unsigned byte = 0;
    auto* from = text.data() + i + 1;
    if (text[i] == '%' && i + 2 < text.size()
        && std::from_chars(from, from + 2, byte, 16).ptr == from + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else
      out += text[i];
  }
  return out;
}

} // namespace

std::string multipart_boundary(std::string_view content_type) {
  if (!lower(content_type).starts_with("multipart/form-data"))
    return {};
  auto all = parameters(content_type);
  auto& boundary = all["boundary"];
  return boundary.size() <= longest_boundary ? boundary : std::string{};
}

part_head parse_part_head(std::string_view lines) {
  part_head out;
  while (!lines.empty()) {
    auto line = lines.substr(0, lines.find(crlf));
    lines.remove_prefix(std::min(line.size() + crlf.size(), lines.size()));
    auto colon = line.find(':');
    if (colon == std::string_view::npos
        || lower(trim(line.substr(0, colon))) != "content-disposition")
      continue;
    auto all = parameters(line.substr(colon + 1));
    out.name = all["name"];
    out.file_name = decode_extended(all["filename*"]);
    if (out.file_name.empty())
      out.file_name = all["filename"];
  }
  return out;
}

multipart_parser::multipart_parser(const std::string& boundary, on_part part,
                                   on_data data)
  : delimiter_("\r\n--" + boundary), part_(std::move(part)),
    data_(std::move(data)), held_(crlf) {
  // The line break of a delimiter may be missing before the first one.
}

bool multipart_parser::feed(std::string_view bytes) {
  held_ += bytes;
  for (auto before = state::done; state_ != before && state_ != state::done;) {
    before = state_;
    if (!step())
      return false;
  }
  if (state_ == state::done)
    held_.clear();
  return true;
}

bool multipart_parser::step() {
  switch (state_) {
  case state::preamble:
    return read_content(false);
  case state::after:
    return take_boundary();
  case state::head:
    return read_head();
  case state::body:
    return read_content(true);
  case state::done:
    break;
  }
  return true;
}

/// What follows a boundary: "--" ends the body, a line break begins a part.
bool multipart_parser::take_boundary() {
  if (held_.starts_with("--")) {
    state_ = state::done;
    return true;
  }
  auto end = held_.find(crlf);
  if (end == std::string::npos)
    return held_.size() < longest_head;
  if (!trim(std::string_view{held_}.substr(0, end)).empty())
    return false;
  // Its line break stays: a head without lines is an empty line at once.
  held_.erase(0, end);
  state_ = state::head;
  return true;
}

bool multipart_parser::read_head() {
  auto end = held_.find("\r\n\r\n");
  if (end == std::string::npos)
    return held_.size() < longest_head;
  if (end > longest_head)
    return false;
  auto head = parse_part_head(std::string_view{held_}.substr(0, end));
  held_.erase(0, end + 4);
  state_ = state::body;
  return part_(head);
}

/// Hands on what can be no part of the delimiter.
bool multipart_parser::read_content(bool wanted) {
  auto at = held_.find(delimiter_);
  bool found = at != std::string::npos;
  auto sure
    = found ? at : held_.size() - std::min(held_.size(), delimiter_.size() - 1);
  if (wanted && sure > 0 && !data_(std::string_view{held_}.substr(0, sure)))
    return false;
  held_.erase(0, sure + (found ? delimiter_.size() : 0));
  if (found)
    state_ = state::after;
  return true;
}

} // namespace dubber
