#include "engines/descriptor.hpp"
#include "engines/http_service.hpp"
#include "engines/multipart.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <memory>

namespace dubber {

namespace {

constexpr size_t largest_json = 1 << 20;
constexpr int deepest_json = 64;
constexpr size_t largest_field = 64 << 10;
constexpr size_t most_parts = 64;
constexpr uint64_t largest_form_rest = most_parts * largest_field;

/// Without a length httplib would read until the peer closes.
bool has_body(const httplib::Request& request) {
  return request.has_header("Content-Length")
         || request.get_header_value("Transfer-Encoding") == "chunked";
}

/// The length that the client announces; 0 when it does not.
uint64_t announced(const httplib::Request& request) {
  uint64_t length = 0;
  auto text = request.get_header_value("Content-Length");
  std::from_chars(text.data(), text.data() + text.size(), length);
  return length;
}

bool write_all(int fd, const char* data, size_t size) {
  while (size > 0) {
    auto n = ::write(fd, data, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n <= 0)
      return false;
    data += n;
    size -= static_cast<size_t>(n);
  }
  return true;
}

} // namespace

std::optional<nlohmann::json> read_json(const httplib::Request& request,
                                        httplib::Response& response,
                                        const httplib::ContentReader& reader) {
  if (!has_body(request)) {
    answer_invalid(response, "", "field required");
    return std::nullopt;
  }
  std::string body;
  bool whole = reader([&](const char* data, size_t size) {
    body.append(data, size);
    return body.size() <= largest_json;
  });
  if (body.size() > largest_json) {
    answer_json(response, 413, {{"detail", "the body is limited to 1 MiB"}});
    return std::nullopt;
  }
  bool too_deep = false;
  auto parsed = nlohmann::json::parse(
    body,
    [&](int depth, nlohmann::json::parse_event_t, nlohmann::json&) {
      too_deep = too_deep || depth > deepest_json;
      return !too_deep;
    },
    false);
  if (!whole || too_deep || parsed.is_discarded() || !parsed.is_object()) {
    answer_invalid(response, "", "the body is not a JSON object");
    return std::nullopt;
  }
  return parsed;
}

std::optional<received_form> receive_form(const httplib::Request& request,
                                          httplib::Response& response,
                                          const httplib::ContentReader& reader,
                                          const std::filesystem::path& target,
                                          uint64_t limit) {
  auto boundary = request.get_header_value("Form-Boundary");
  if (!has_body(request) || boundary.empty()) {
    answer_invalid(response, "file", "field required");
    return std::nullopt;
  }
  descriptor out{
    ::open(target.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644)};
  if (out.get() < 0)
    throw std::runtime_error("cannot write " + target.string());
  received_form form;
  std::string current;
  size_t parts = 0;
  bool too_large = announced(request) > limit + largest_form_rest;
  bool disk_full = false;
  multipart_parser parser{
    boundary,
    [&](const part_head& part) {
      current = part.name;
      if (++parts > most_parts || (current == "file" && form.has_file))
        return false;
      if (current == "file") {
        form.has_file = true;
        form.file_name = part.file_name;
      }
      return true;
    },
    [&](std::string_view data) {
      if (current == "file") {
        form.bytes += data.size();
        too_large = form.bytes > limit;
        disk_full
          = !too_large && !write_all(out.get(), data.data(), data.size());
        return !too_large && !disk_full;
      }
      auto& field = form.fields[current];
      field += data;
      return field.size() <= largest_field;
    }};
  bool whole = !too_large && reader([&](const char* data, size_t size) {
    return parser.feed({data, size});
  }) && parser.complete();
  disk_full = disk_full || (whole && ::fdatasync(out.get()) != 0);
  if (too_large)
    answer_json(response, 413, {{"detail", "the file is too large"}});
  else if (disk_full)
    answer_json(response, 507, {{"detail", "no room for the file"}});
  else if (!whole)
    answer_invalid(response, "", "there was an error parsing the body");
  else if (!form.has_file)
    answer_invalid(response, "file", "field required");
  else
    return form;
  return std::nullopt;
}

bool answer_file(const httplib::Request& request, httplib::Response& response,
                 const std::filesystem::path& path, const std::string& type) {
  auto file = std::make_shared<descriptor>(
    ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  auto size = file->get() < 0 ? -1 : ::lseek(file->get(), 0, SEEK_END);
  std::error_code code;
  if (size < 0 || !std::filesystem::is_regular_file(path, code))
    return false;
  // httplib trusts the numbers of a range: bring them inside the file.
  auto& ranges = const_cast<httplib::Request&>(request).ranges;
  if (ranges.size() > 1 || size == 0)
    ranges.clear();
  if (!ranges.empty()) {
    auto& [first, last] = ranges[0];
    if (first >= size || (first < 0 && last <= 0)
        || (last >= 0 && first > last)) {
      ranges.clear();
      response.set_header("Content-Range", "bytes */" + std::to_string(size));
      answer_json(response, 416, {{"detail", "range not satisfiable"}});
      return true;
    }
    if (first < 0) {
      first = std::max<ssize_t>(0, size - last);
      last = size - 1;
    }
    last = last < 0 ? size - 1 : std::min<ssize_t>(last, size - 1);
  }
  if (size == 0) {
    response.set_content("", type);
    return true;
  }
  response.set_header("Accept-Ranges", "bytes");
  response.set_content_provider(
    static_cast<size_t>(size), type,
    [file](size_t offset, size_t length, httplib::DataSink& sink) {
      char buffer[65536];
      auto n = ::pread(file->get(), buffer, std::min(length, sizeof buffer),
                       static_cast<off_t>(offset));
      return n > 0 && sink.write(buffer, static_cast<size_t>(n));
    });
  return true;
}

} // namespace dubber
