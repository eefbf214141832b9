#include "http/respond.hpp"

#include <restinio/message_builders.hpp>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace dubber {

namespace {

using builder
  = restinio::response_builder_t<restinio::user_controlled_output_t>;

/// What a download holds in memory. A reader that takes less than this in the
/// server's limit for a write is cut off.
constexpr std::uint64_t piece_size = 256 * 1024;

/// Sends a part of a file piece by piece, so that neither a quick reader holds
/// up the others nor a slow one runs into a time limit for the whole.
/// Not by RESTinio's sendfile: in 0.6 a reader that leaves in the middle makes
/// it use a write operation that it has freed (AddressSanitizer, files_test).
class file_sender : public std::enable_shared_from_this<file_sender> {
public:
  file_sender(builder out, http_file file, std::shared_ptr<void> until_written)
    : out_(std::move(out)), file_(std::move(file)), at_(file_.offset),
      left_(file_.length), until_written_(std::move(until_written)) {
    // nop
  }

  void next() {
    auto size = std::min(left_, piece_size);
    std::string piece(static_cast<std::size_t>(size), '\0');
    // Nobody else writes the store's files: one that is short is broken, and
    // the connection ends with the request's time limit.
    if (!read(piece))
      return;
    out_.append_body(std::move(piece));
    at_ += size;
    left_ -= size;
    if (left_ == 0)
      out_.done([self = shared_from_this()](const auto&) {});
    else
      out_.flush([self = shared_from_this()](const auto& failed) {
        if (!failed)
          self->next();
      });
  }

private:
  bool read(std::string& into) const {
    for (std::size_t got = 0; got < into.size();) {
      auto n = ::pread(*file_.descriptor, into.data() + got, into.size() - got,
                       static_cast<off_t>(at_ + got));
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return false;
      got += static_cast<std::size_t>(n);
    }
    return true;
  }

  builder out_;
  http_file file_;
  std::uint64_t at_;
  std::uint64_t left_;
  std::shared_ptr<void> until_written_;
};

} // namespace

http_call_in call_of(const restinio::request_handle_t& request) {
  auto& header = request->header();
  http_call_in call;
  call.method = header.method().c_str();
  call.path = std::string{header.path()};
  call.query = std::string{header.query()};
  header.for_each_field([&](const auto& field) {
    call.headers.emplace_back(field.name(), field.value());
  });
  call.body = request->body();
  // "GET http://host/path": servers have to take it, and this host counts.
  constexpr std::string_view scheme = "http://";
  if (same_word(std::string_view{call.path}.substr(0, scheme.size()), scheme)) {
    auto slash = std::min(call.path.find('/', scheme.size()), call.path.size());
    auto host = call.path.substr(scheme.size(), slash - scheme.size());
    call.path = slash == call.path.size() ? "/" : call.path.substr(slash);
    std::erase_if(call.headers,
                  [](auto& field) { return same_word(field.first, "Host"); });
    call.headers.emplace_back("Host", host);
  }
  return call;
}

void respond(const restinio::request_handle_t& request, http_answer answer,
             bool last, std::shared_ptr<void> until_written) {
  auto out = request->create_response<restinio::user_controlled_output_t>(
    restinio::http_status_line_t{
      restinio::http_status_code_t{static_cast<std::uint16_t>(answer.status)},
      std::string{reason_phrase(answer.status)}});
  if (last)
    out.connection_close();
  out.append_header(restinio::http_field::server, "dubber-orchestrator");
  out.append_header_date_field();
  out.append_header(restinio::http_field::content_type, answer.content_type);
  out.append_header("X-Content-Type-Options", "nosniff");
  // What is true now may not be in a second; files say so by their tags.
  out.append_header(restinio::http_field::cache_control,
                    answer.file ? "no-cache" : "no-store");
  for (auto& [name, value] : answer.headers)
    out.append_header(name, value);
  auto length = answer.file ? answer.file->length : answer.body.size();
  out.set_content_length(length);
  auto bare = request->header().method() == restinio::http_method_head()
              || length == 0 || answer.status == 304;
  if (!bare && answer.file)
    return std::make_shared<file_sender>(
             std::move(out), std::move(*answer.file), std::move(until_written))
      ->next();
  if (!bare)
    out.set_body(std::move(answer.body));
  out.done([kept = std::move(until_written)](const auto&) {});
}

} // namespace dubber
