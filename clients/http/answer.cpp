#include "clients/http/answer.hpp"

#include "clients/http/request_head.hpp"

#include <boost/beast/http/error.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>

namespace dubber::wire {

namespace http = boost::beast::http;

namespace {

/// What an unwanted answer to a call with a sink may take of our memory.
constexpr std::uint64_t max_error_bytes = 1 << 20;
constexpr int max_interim = 16;

fault bad_answer(std::string why) {
  return {fault_code::bad_answer, std::move(why), 0, {}};
}

std::string_view view(boost::beast::string_view text) {
  return {text.data(), text.size()};
}

} // namespace

answer::answer(const answer_limits& limits)
  : limits_(limits), max_bytes_(limits.max_bytes) {
  eager(true);
  skip(limits.no_body);
  header_limit(limits.max_header_bytes);
  // Counted here: Beast's own limit says nothing of the status.
  body_limit(std::numeric_limits<std::uint64_t>::max());
}

void answer::fail(fault why, error& ec) {
  why.http_status = response.status;
  problem = std::move(why);
  ec = make_error_code(boost::system::errc::operation_canceled);
}

void answer::on_request_impl(http::verb, text, text, int, error&) {
  // An answer is no request.
}

void answer::on_response_impl(int status, text, int, error& ec) {
  response.status = status;
  if (status == 101)
    fail(bad_answer("the server switched protocols unasked"), ec);
}

void answer::on_field_impl(http::field name, text name_text, text value,
                           error& ec) {
  if (name == http::field::transfer_encoding
      && !same_name(view(value), "chunked"))
    return fail(bad_answer("unknown Transfer-Encoding"), ec);
  response.headers.emplace_back(view(name_text), view(value));
}

void answer::on_header_impl(error& ec) {
  bool final = response.status >= 200;
  if (!limits_.sink.empty() && response.status >= 300)
    max_bytes_ = std::min(max_bytes_, max_error_bytes);
  auto length = content_length();
  if (final && !limits_.no_body && length && !within_limit(*length, ec))
    return;
  if (limits_.sink.empty() || !final || response.status >= 300)
    return;
  to_sink_ = true;
  sink_ = file_descriptor{
    ::open(limits_.sink.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0640)};
  auto begin = static_cast<off_t>(limits_.sink_offset);
  if (!sink_.open() || ::ftruncate(sink_.get(), begin) != 0
      || ::lseek(sink_.get(), begin, SEEK_SET) != begin)
    fail({fault_code::disk,
          "cannot create " + limits_.sink.filename().string() + ": "
            + std::strerror(errno),
          0,
          {}},
         ec);
}

bool answer::within_limit(std::uint64_t bytes, error& ec) {
  if (bytes <= max_bytes_ && response.body_bytes <= max_bytes_ - bytes)
    return true;
  fail({fault_code::limit_exceeded,
        "the answer is longer than " + std::to_string(max_bytes_) + " bytes",
        0,
        {}},
       ec);
  return false;
}

void answer::on_body_init_impl(const boost::optional<std::uint64_t>& length,
                               error&) {
  if (length && !to_sink_)
    response.body.reserve(std::min<std::uint64_t>(*length, 1 << 20));
}

void answer::write_out(text body, error& ec) {
  while (!body.empty()) {
    auto n = ::write(sink_.get(), body.data(), body.size());
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0)
      return fail({fault_code::disk,
                   "cannot write " + limits_.sink.filename().string() + ": "
                     + std::strerror(errno),
                   0,
                   {}},
                  ec);
    body.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::size_t answer::on_body_impl(text body, error& ec) {
  if (!within_limit(body.size(), ec))
    return 0;
  if (to_sink_)
    write_out(body, ec);
  else
    response.body.append(body.data(), body.size());
  response.body_bytes += body.size();
  return body.size();
}

void answer::on_chunk_header_impl(std::uint64_t, text, error&) {
  // Extensions mean nothing to us.
}

std::size_t answer::on_chunk_body_impl(std::uint64_t, text body, error& ec) {
  return on_body_impl(body, ec);
}

void answer::on_finish_impl(error&) {
  // The stream asks is_done().
}

answer_stream::answer_stream(answer_limits limits)
  : limits_(std::move(limits)) {
  now_.emplace(limits_);
}

fault answer_stream::explain(const boost::beast::error_code& ec) const {
  if (now_->problem)
    return *now_->problem;
  auto code = ec == http::error::header_limit ? fault_code::limit_exceeded
                                              : fault_code::bad_answer;
  return {code, "not a valid HTTP answer: " + ec.message(), 0, {}};
}

result<bool> answer_stream::parse(std::string_view bytes, std::size_t& used) {
  used = 0;
  while (used < bytes.size()) {
    if (now_->is_done()) {
      if (now_->response.status >= 200)
        return true;
      if (++interim_ > max_interim)
        return bad_answer("too many interim answers");
      now_.emplace(limits_);
    }
    boost::beast::error_code ec;
    auto n = now_->put(
      boost::asio::const_buffer(bytes.data() + used, bytes.size() - used), ec);
    used += n;
    if (ec && ec != http::error::need_more)
      return explain(ec);
    if (ec == http::error::need_more || n == 0)
      break;
  }
  return now_->is_done() && now_->response.status >= 200;
}

result<bool> answer_stream::take(std::string_view bytes) {
  started_ = started_ || !bytes.empty();
  std::size_t used = 0;
  if (pending_.empty()) {
    auto whole = parse(bytes, used);
    pending_.append(bytes.substr(used));
    if (!whole)
      return whole;
    if (*whole)
      return true;
  } else {
    pending_.append(bytes);
    auto whole = parse(pending_, used);
    pending_.erase(0, used);
    if (!whole || *whole)
      return whole;
  }
  // Only a header, a chunk's header or trailers can be left over.
  if (pending_.size() > limits_.max_header_bytes)
    return fault{fault_code::limit_exceeded,
                 "a header of the answer is too long",
                 now_->response.status,
                 {}};
  return false;
}

result<bool> answer_stream::end() {
  if (!now_->got_some() || !pending_.empty())
    return false;
  boost::beast::error_code ec;
  now_->put_eof(ec);
  if (ec == http::error::partial_message)
    return false;
  if (ec)
    return explain(ec);
  return now_->is_done() && now_->response.status >= 200;
}

} // namespace dubber::wire
