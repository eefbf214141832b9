#pragma once

#include "clients/http/file_descriptor.hpp"
#include "clients/http_client.hpp"

#include <boost/beast/http/basic_parser.hpp>

#include <optional>

namespace dubber::wire {

/// How much of an answer is taken, and where its body goes.
struct answer_limits {
  bool no_body = false; ///< the answer to HEAD
  std::uint64_t max_bytes = 0;
  std::uint32_t max_header_bytes = 0;
  std::filesystem::path sink;
  std::uint64_t sink_offset = 0;
};

/// One HTTP/1 message read by Beast's parser into a response.
class answer final : public boost::beast::http::basic_parser<false> {
public:
  explicit answer(const answer_limits& limits);

  http_response response;
  /// Set when a callback of the parser ended it.
  std::optional<fault> problem;

private:
  using text = boost::beast::string_view;
  using error = boost::beast::error_code;

  void on_request_impl(boost::beast::http::verb, text, text, int,
                       error&) override;
  void on_response_impl(int status, text reason, int version,
                        error& ec) override;
  void on_field_impl(boost::beast::http::field name, text name_text, text value,
                     error& ec) override;
  void on_header_impl(error& ec) override;
  void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                         error& ec) override;
  std::size_t on_body_impl(text body, error& ec) override;
  void on_chunk_header_impl(std::uint64_t, text, error&) override;
  std::size_t on_chunk_body_impl(std::uint64_t remain, text body,
                                 error& ec) override;
  void on_finish_impl(error&) override;

  void fail(fault why, error& ec);
  bool within_limit(std::uint64_t bytes, error& ec);
  void write_out(text body, error& ec);

  const answer_limits& limits_;
  std::uint64_t max_bytes_;
  bool to_sink_ = false;
  file_descriptor sink_;
};

/// The bytes of a connection as one final answer: interim ones (1xx) are
/// skipped.
class answer_stream {
public:
  explicit answer_stream(answer_limits limits);

  /// @returns true when the answer is whole, or the fault that ended it.
  result<bool> take(std::string_view bytes);

  /// The peer sends nothing more. @returns as `take`: false is a half answer.
  result<bool> end();

  bool started() const {
    return started_;
  }

  http_response& response() {
    return now_->response;
  }

  /// Whether the connection can serve another call.
  bool keep_alive() const {
    return pending_.empty() && now_->keep_alive();
  }

private:
  result<bool> parse(std::string_view bytes, std::size_t& used);
  fault explain(const boost::beast::error_code& ec) const;

  answer_limits limits_;
  std::optional<answer> now_;
  std::string pending_;
  int interim_ = 0;
  bool started_ = false;
};

} // namespace dubber::wire
