#include "clients/http/connection.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>

#include <optional>
#include <type_traits>

namespace dubber {

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;

using plain_stream = tcp::socket;
using tls_stream = beast::ssl_stream<tcp::socket>;

fault unreachable(const http_url& url, const std::string& why) {
  return {fault_code::unreachable, url.authority() + ": " + why, 0, {}};
}

fault read_fault(const http_url& url, const error_code& ec, bool any_byte) {
  if (ec == http::error::body_limit)
    return {fault_code::limit_exceeded,
            url.authority() + ": the answer is longer than allowed",
            0,
            {}};
  if (ec.category()
        == http::make_error_code(http::error::bad_version).category()
      && ec != http::error::end_of_stream)
    return {fault_code::bad_answer,
            url.authority() + ": not a proper HTTP answer (" + ec.message()
              + ")",
            0,
            {}};
  if (any_byte)
    return {fault_code::bad_answer,
            url.authority() + ": the answer was cut short",
            0,
            {}};
  return unreachable(url, "closed without an answer");
}

template <class Stream>
class stream_connection : public connection {
public:
  template <class... Ts>
  stream_connection(asio::io_context& loop, std::uint64_t max_header,
                    Ts&&... xs)
    : resolver_(loop), stream_(loop, std::forward<Ts>(xs)...),
      max_header_(max_header) {
    // nop
  }

  void connect(const http_url& url,
               std::function<void(std::optional<fault>)> on_end) override {
    auto self = shared_from_this();
    resolver_.async_resolve(
      url.host, std::to_string(url.port),
      [this, self, url, on_end](error_code ec, tcp::resolver::results_type r) {
        if (ec)
          return on_end(unreachable(url, ec.message()));
        asio::async_connect(
          socket(), r,
          [this, self, url, on_end](error_code error, const tcp::endpoint&) {
            if (error)
              return on_end(unreachable(url, error.message()));
            error_code ignored; // the connection works without it
            socket().set_option(tcp::no_delay(true), ignored);
            handshake(url, on_end);
          });
      });
  }

  void run(std::shared_ptr<http_call> call,
           std::function<void(exchange_end)> on_end) override {
    call_ = std::move(call);
    on_end_ = std::move(on_end);
    any_byte_ = false;
    wrote_all_ = false;
    auto body = body_source::open(call_->request.body);
    if (!body)
      return finish(body.error(), false);
    body_ = *body;
    write_head();
  }

  void close() override {
    error_code ignored; // closing what may be closed already
    resolver_.cancel();
    socket().close(ignored);
  }

private:
  tcp::socket& socket() {
    if constexpr (std::is_same_v<Stream, plain_stream>)
      return stream_;
    else
      return stream_.next_layer();
  }

  auto self() {
    return std::static_pointer_cast<stream_connection>(shared_from_this());
  }

  void handshake(const http_url& url,
                 const std::function<void(std::optional<fault>)>& on_end) {
    if constexpr (std::is_same_v<Stream, plain_stream>) {
      on_end(std::nullopt);
    } else {
      SSL_set_tlsext_host_name(stream_.native_handle(), url.host.c_str());
      stream_.set_verify_callback(asio::ssl::host_name_verification(url.host));
      stream_.async_handshake(asio::ssl::stream_base::client,
                              [me = self(), url, on_end](error_code ec) {
                                if (ec)
                                  on_end(
                                    unreachable(url, "TLS: " + ec.message()));
                                else
                                  on_end(std::nullopt);
                              });
    }
  }

  void write_head() {
    auto& rq = call_->request;
    request_ = {};
    request_.version(11);
    request_.method_string(rq.method);
    request_.target(call_->url.target);
    request_.set(http::field::host, call_->url.authority());
    for (auto& [name, value] : rq.headers)
      request_.insert(name, value);
    if (!body_->content_type().empty())
      request_.set(http::field::content_type, body_->content_type());
    if (body_->length() > 0 || (rq.method != "GET" && rq.method != "HEAD"))
      request_.content_length(body_->length());
    head_.emplace(request_);
    if (body_->streamed())
      read_head(); // a server may refuse before it has read everything
    http::async_write_header(
      stream_, *head_,
      [me = self()](error_code ec, std::size_t) { me->on_written(ec); });
  }

  void on_written(error_code ec) {
    if (!call_)
      return;
    if (ec) {
      // An early answer may be there to read; the reader reports otherwise.
      if (!body_->streamed())
        finish(unreachable(call_->url, ec.message()), false);
      return;
    }
    auto piece = body_->next();
    if (!piece)
      return finish(piece.error(), false);
    if (piece->empty()) {
      wrote_all_ = true;
      if (!body_->streamed())
        read_head();
      return;
    }
    asio::async_write(
      stream_, asio::buffer(piece->data(), piece->size()),
      [me = self()](error_code error, std::size_t) { me->on_written(error); });
  }

  void read_head() {
    header_.emplace();
    header_->header_limit(static_cast<std::uint32_t>(max_header_));
    header_->body_limit(call_->request.max_answer_bytes);
    if (call_->request.method == "HEAD")
      header_->skip(true);
    http::async_read_header(
      stream_, buffer_, *header_,
      [me = self()](error_code ec, std::size_t n) { me->on_head(ec, n); });
  }

  void on_head(error_code ec, std::size_t bytes) {
    if (!call_)
      return;
    any_byte_ |= bytes > 0 || buffer_.size() > 0;
    if (ec)
      return finish(read_fault(call_->url, ec, any_byte_), false);
    auto status = static_cast<int>(header_->get().result_int());
    if (status >= 100 && status < 200)
      return read_head();
    if (!call_->request.sink.empty() && status >= 200 && status < 300)
      return read_body(to_file_);
    read_body(to_text_);
  }

  template <class Body>
  void read_body(std::optional<http::response_parser<Body>>& parser) {
    parser.emplace(std::move(*header_));
    if constexpr (std::is_same_v<Body, http::file_body>) {
      error_code ec;
      parser->get().body().open(call_->request.sink.c_str(),
                                beast::file_mode::write, ec);
      if (ec)
        return finish(fault{fault_code::disk,
                            call_->request.sink.string() + ": " + ec.message(),
                            0,
                            {}},
                      false);
    }
    http::async_read(stream_, buffer_, *parser,
                     [me = self(), &parser](error_code ec, std::size_t n) {
                       me->on_body(ec, n, parser);
                     });
  }

  template <class Body>
  void on_body(error_code ec, std::size_t bytes,
               std::optional<http::response_parser<Body>>& parser) {
    if (!call_)
      return;
    if (ec)
      return finish(read_fault(call_->url, ec, true), false);
    auto& message = parser->get();
    http_response out;
    out.status = static_cast<int>(message.result_int());
    for (auto& field : message)
      out.headers.emplace_back(std::string{field.name_string()},
                               std::string{field.value()});
    out.body_bytes = bytes;
    if constexpr (std::is_same_v<Body, http::string_body>) {
      out.body = std::move(message.body());
      out.body_bytes = out.body.size();
    } else {
      out.body_bytes = message.body().size();
      message.body().close();
    }
    auto keep = parser->keep_alive() && wrote_all_;
    parser.reset();
    finish(std::move(out), keep);
  }

  void finish(result<http_response> outcome, bool reusable) {
    // Otherwise a read may still be on its way with these parsers.
    if (reusable) {
      to_file_.reset();
      to_text_.reset();
    }
    auto on_end = std::exchange(on_end_, nullptr);
    call_.reset();
    if (!reusable)
      close();
    if (on_end)
      on_end({std::move(outcome), reusable, !any_byte_});
  }

  tcp::resolver resolver_;
  Stream stream_;
  std::uint64_t max_header_;
  beast::flat_buffer buffer_;
  std::shared_ptr<http_call> call_;
  std::function<void(exchange_end)> on_end_;
  std::shared_ptr<body_source> body_;
  bool any_byte_ = false;
  bool wrote_all_ = false;
  http::request<http::empty_body> request_;
  std::optional<http::request_serializer<http::empty_body>> head_;
  std::optional<http::response_parser<http::empty_body>> header_;
  std::optional<http::response_parser<http::string_body>> to_text_;
  std::optional<http::response_parser<http::file_body>> to_file_;
};

} // namespace

std::shared_ptr<connection> make_plain_connection(asio::io_context& loop,
                                                  std::uint64_t max_header) {
  return std::make_shared<stream_connection<plain_stream>>(loop, max_header);
}

std::shared_ptr<connection> make_tls_connection(asio::io_context& loop,
                                                asio::ssl::context& tls,
                                                std::uint64_t max_header) {
  return std::make_shared<stream_connection<tls_stream>>(loop, max_header, tls);
}

} // namespace dubber
