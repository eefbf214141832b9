#include "clients/s3/answers.hpp"

#include <pugixml.hpp>

#include <array>
#include <charconv>
#include <cstdio>
#include <sstream>

namespace dubber::s3 {

namespace {

fault away(int status, const std::string& why) {
  return {fault_code::disk, "the object store: " + why, status, {}};
}

struct said {
  std::string code;
  std::string message;
};

said error_in(const std::string& body) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size()))
    return {};
  auto error = document.child("Error");
  return {error.child_value("Code"), error.child_value("Message")};
}

/// Keys of lists come percent-encoded, of some stores with `+` for a blank: in
/// XML not every character can stand.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    auto two = text.substr(i + 1, 2);
    auto [end, error]
      = std::from_chars(two.data(), two.data() + two.size(), byte, 16);
    if (text[i] == '%' && two.size() == 2 && error == std::errc{}
        && end == two.data() + 2) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

fault gone(const std::string& key, int status) {
  return {fault_code::not_found,
          "the store has no object '" + key + "'",
          status,
          {},
          key};
}

} // namespace

fault fault_of(const http_response& answer, const std::string& key) {
  auto [code, message] = error_in(answer.body);
  auto words = std::to_string(answer.status);
  if (!code.empty())
    words += " " + code + (message.empty() ? "" : " (" + message + ")");
  if (code == "NoSuchKey" || (answer.status == 404 && code.empty()))
    return gone(key, answer.status);
  if (answer.status == 412 || answer.status == 416)
    return {fault_code::server_error,
            "the object '" + key + "' was changed while it was read",
            answer.status,
            {}};
  if (code == "KeyTooLongError" || code == "InvalidObjectName")
    return {fault_code::refused,
            "the object store: unusable key '" + key + "': " + words,
            answer.status,
            {}};
  return away(answer.status, words);
}

std::optional<fault> hidden_fault(const http_response& answer,
                                  const std::string& key) {
  if (error_in(answer.body).code.empty())
    return std::nullopt;
  return fault_of(answer, key);
}

std::optional<time_point> parse_time(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0;
  double second = 0;
  std::string copy{text};
  if (std::sscanf(copy.c_str(), "%4d-%2d-%2dT%2d:%2d:%lf", &year, &month, &day,
                  &hour, &minute, &second)
      != 6)
    return std::nullopt;
  using namespace std::chrono;
  year_month_day date{std::chrono::year{year},
                      std::chrono::month{static_cast<unsigned>(month)},
                      std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok() || hour < 0 || hour > 23 || minute < 0 || minute > 59
      || !(second >= 0 && second < 61))
    return std::nullopt;
  return time_point{sys_days{date}} + hours{hour} + minutes{minute}
         + ms{static_cast<std::int64_t>(second * 1'000)};
}

result<s3_page> parse_page(const std::string& body) {
  pugi::xml_document document;
  auto root = document.load_buffer(body.data(), body.size())
                ? document.child("ListBucketResult")
                : pugi::xml_node{};
  if (!root)
    return away(200, "its list of objects cannot be read");
  s3_page out;
  for (auto x : root.children("Contents")) {
    auto modified = parse_time(x.child_value("LastModified"));
    if (!modified)
      return away(200, "its list of objects has a time that is none");
    out.items.push_back({decoded(x.child_value("Key")),
                         x.child("Size").text().as_ullong(), *modified});
  }
  if (root.child("IsTruncated").text().as_bool())
    out.next = root.child_value("NextContinuationToken");
  return out;
}

result<std::vector<s3_upload>> parse_uploads(const std::string& body) {
  pugi::xml_document document;
  auto root = document.load_buffer(body.data(), body.size())
                ? document.child("ListMultipartUploadsResult")
                : pugi::xml_node{};
  if (!root)
    return away(200, "its list of uploads cannot be read");
  std::vector<s3_upload> out;
  for (auto x : root.children("Upload"))
    if (auto begun = parse_time(x.child_value("Initiated")))
      out.push_back({x.child_value("Key"), x.child_value("UploadId"), *begun});
  return out;
}

std::string element(const std::string& body, const char* name) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size()))
    return {};
  return document.first_child().child_value(name);
}

std::string parts_document(const std::vector<std::string>& etags) {
  pugi::xml_document document;
  auto root = document.append_child("CompleteMultipartUpload");
  int number = 0;
  for (auto& etag : etags) {
    auto part = root.append_child("Part");
    part.append_child("PartNumber").text().set(++number);
    part.append_child("ETag").text().set(etag.c_str());
  }
  std::ostringstream out;
  document.save(out, "", pugi::format_raw | pugi::format_no_declaration);
  return out.str();
}

std::string content_type(const std::string& key) {
  struct kind {
    std::string_view ending;
    const char* type;
  };
  constexpr std::array<kind, 7> kinds{
    kind{".mp4", "video/mp4"},        {".wav", "audio/wav"},
    {".json", "application/json"},    {".html", "text/html; charset=utf-8"},
    {".srt", "application/x-subrip"}, {".vtt", "text/vtt"},
    {".mkv", "video/x-matroska"}};
  for (auto& x : kinds)
    if (key.ends_with(x.ending))
      return x.type;
  return "application/octet-stream";
}

} // namespace dubber::s3
