#include "clients/amqp/connection.hpp"

#include "clients/amqp/library.hpp"
#include "clients/amqp/properties.hpp"

#include <amqp_framing.h>
#include <amqp_ssl_socket.h>
#include <amqp_tcp_socket.h>
#include <openssl/ssl.h>

#include <vector>

namespace dubber {

using namespace amqp;

namespace {

constexpr amqp_channel_t channel = 1;
constexpr int frame_bytes = 131'072;

std::string broker_name(amqp_connection_state_t handle) {
  auto properties = amqp_get_server_properties(handle);
  std::string product = "broker", version;
  for (int i = 0; properties && i < properties->num_entries; ++i) {
    auto& x = properties->entries[i];
    if (x.value.kind != AMQP_FIELD_KIND_UTF8)
      continue;
    if (text(x.key) == "product")
      product = text(x.value.value.bytes);
    else if (text(x.key) == "version")
      version = " " + text(x.value.value.bytes);
  }
  return product + version;
}

} // namespace

struct amqp_connection::state {
  amqp_connection_state_t handle = amqp_new_connection();
  bool open = false; ///< logged in, and nothing went wrong since

  ~state() {
    if (!handle)
      return;
    if (open) { // say goodbye; a broker that is not there is not waited for
      auto brief = interval(ms{1'000});
      amqp_set_rpc_timeout(handle, &brief);
      amqp_connection_close(handle, AMQP_REPLY_SUCCESS);
    }
    amqp_destroy_connection(handle);
  }

  fault broken(fault why) {
    open = false;
    return why;
  }

  /// The answer to the method just sent.
  result<done> answer(const char* doing) {
    auto reply = amqp_get_rpc_reply(handle);
    if (reply.reply_type != AMQP_RESPONSE_NORMAL)
      return broken(fault_of(reply, doing));
    return done{};
  }

  result<done> sent(int status, const char* doing) {
    if (status != AMQP_STATUS_OK)
      return broken(fault_of(status, doing));
    return done{};
  }
};

amqp_connection::amqp_connection(std::unique_ptr<state> s)
  : state_(std::move(s)) {
  // nop
}

amqp_connection::~amqp_connection() = default;

result<std::unique_ptr<amqp_connection>>
amqp_connection::open(const amqp_address& to, const std::string& name,
                      ms timeout) {
  auto s = std::make_unique<state>();
  auto handle = s->handle;
  auto socket
    = to.tls ? amqp_ssl_socket_new(handle) : amqp_tcp_socket_new(handle);
  if (!socket)
    return fault{fault_code::internal, "no memory for a connection", 0, {}};
  if (to.tls) {
    // The machine's authorities, or SSL_CERT_FILE's.
    auto context = static_cast<SSL_CTX*>(amqp_ssl_socket_get_context(socket));
    SSL_CTX_set_default_verify_paths(context);
    amqp_ssl_socket_set_verify_peer(socket, 1);
    amqp_ssl_socket_set_verify_hostname(socket, 1);
    amqp_ssl_socket_set_ssl_versions(socket, AMQP_TLSv1_2, AMQP_TLSvLATEST);
  }
  auto limit = interval(timeout);
  amqp_set_handshake_timeout(handle, &limit);
  amqp_set_rpc_timeout(handle, &limit);
  auto opened
    = amqp_socket_open_noblock(socket, to.host.c_str(), to.port, &limit);
  if (opened != AMQP_STATUS_OK)
    return fault_of(opened, "connect");
  std::unique_ptr<amqp_connection> out{new amqp_connection{std::move(s)}};
  if (auto in = out->log_in(to, name); !in)
    return in.error();
  return out;
}

result<done> amqp_connection::log_in(const amqp_address& to,
                                     const std::string& name) {
  auto handle = state_->handle;
  amqp_table_entry_t notify{};
  notify.key = amqp_cstring_bytes("consumer_cancel_notify");
  notify.value.kind = AMQP_FIELD_KIND_BOOLEAN;
  notify.value.value.boolean = 1;
  amqp_table_entry_t can{};
  can.key = amqp_cstring_bytes("capabilities");
  can.value.kind = AMQP_FIELD_KIND_TABLE;
  can.value.value.table = {1, &notify};
  std::vector<amqp_table_entry_t> about{entry("connection_name", name), can};
  auto properties = table(about);
  auto reply = amqp_login_with_properties(
    handle, to.vhost.c_str(), 1, frame_bytes,
    static_cast<int>(to.heartbeat.count() / 1'000), &properties,
    AMQP_SASL_METHOD_PLAIN, to.user.c_str(), to.password.c_str());
  if (reply.reply_type != AMQP_RESPONSE_NORMAL)
    return fault_of(reply, "log in");
  state_->open = true;
  broker_ = broker_name(handle);
  amqp_channel_open(handle, channel);
  return state_->answer("open a channel");
}

result<done> amqp_connection::declare_queue(const std::string& name) {
  amqp_queue_declare(state_->handle, channel, bytes(name), 0, 1, 0, 0,
                     amqp_empty_table);
  return state_->answer(("declare the queue " + name).c_str());
}

result<done> amqp_connection::declare_exchange(const std::string& name) {
  amqp_exchange_declare(state_->handle, channel, bytes(name),
                        amqp_cstring_bytes("topic"), 0, 1, 0, 0,
                        amqp_empty_table);
  return state_->answer(("declare the exchange " + name).c_str());
}

result<done> amqp_connection::find_exchange(const std::string& name) {
  amqp_exchange_declare(state_->handle, channel, bytes(name), amqp_empty_bytes,
                        1, 0, 0, 0, amqp_empty_table);
  return state_->answer(("find the exchange " + name).c_str());
}

result<done> amqp_connection::select_confirms() {
  amqp_confirm_select(state_->handle, channel);
  return state_->answer("select confirms");
}

result<done> amqp_connection::consume(const std::string& queue,
                                      std::uint16_t prefetch) {
  amqp_basic_qos(state_->handle, channel, 0, prefetch, 0);
  if (auto set = state_->answer("set the prefetch"); !set)
    return set;
  amqp_basic_consume(state_->handle, channel, bytes(queue), amqp_empty_bytes, 0,
                     0, 0, amqp_empty_table);
  return state_->answer(("consume from " + queue).c_str());
}

result<done> amqp_connection::publish(const std::string& exchange,
                                      const std::string& key, bool mandatory,
                                      const amqp_message& what) {
  outgoing_properties with{what};
  return state_->sent(amqp_basic_publish(state_->handle, channel,
                                         bytes(exchange), bytes(key), mandatory,
                                         0, with.get(), bytes(what.body)),
                      "publish");
}

result<done> amqp_connection::acknowledge(std::uint64_t tag) {
  return state_->sent(amqp_basic_ack(state_->handle, channel, tag, 0),
                      "acknowledge");
}

result<amqp_connection::incoming> amqp_connection::next(ms timeout) {
  amqp_maybe_release_buffers(state_->handle);
  amqp_envelope_t from{};
  auto limit = interval(timeout);
  auto reply = amqp_consume_message(state_->handle, &from, &limit, 0);
  if (reply.reply_type == AMQP_RESPONSE_NORMAL) {
    amqp_delivery out{from.delivery_tag, from.redelivered != 0, {}};
    auto& p = from.message.properties;
    out.message.body = text(from.message.body);
    out.message.content_type
      = p._flags & AMQP_BASIC_CONTENT_TYPE_FLAG ? text(p.content_type) : "";
    out.message.traceparent = header(p, "traceparent");
    amqp_destroy_envelope(&from);
    return incoming{std::move(out)};
  }
  if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) {
    if (reply.library_error == AMQP_STATUS_TIMEOUT)
      return incoming{};
    if (reply.library_error == AMQP_STATUS_UNEXPECTED_STATE)
      return other_frame();
  }
  return state_->broken(fault_of(reply, "listen"));
}

/// What is no delivery.
result<amqp_connection::incoming> amqp_connection::other_frame() {
  amqp_frame_t frame{};
  auto limit = interval(ms{0}); // it is there
  auto status = amqp_simple_wait_frame_noblock(state_->handle, &frame, &limit);
  if (status != AMQP_STATUS_OK)
    return state_->broken(fault_of(status, "listen"));
  if (frame.frame_type != AMQP_FRAME_METHOD)
    return state_->broken(
      {fault_code::bad_answer, "listen: a frame out of turn", 0, {}});
  auto& method = frame.payload.method;
  switch (method.id) {
  case AMQP_BASIC_ACK_METHOD: {
    auto& x = *static_cast<amqp_basic_ack_t*>(method.decoded);
    return incoming{amqp_confirm{x.delivery_tag, x.multiple != 0, true}};
  }
  case AMQP_BASIC_NACK_METHOD: {
    auto& x = *static_cast<amqp_basic_nack_t*>(method.decoded);
    return incoming{amqp_confirm{x.delivery_tag, x.multiple != 0, false}};
  }
  case AMQP_BASIC_RETURN_METHOD: {
    auto& x = *static_cast<amqp_basic_return_t*>(method.decoded);
    amqp_returned out{std::to_string(x.reply_code) + " " + text(x.reply_text),
                      {}};
    amqp_message_t message{};
    auto read = amqp_read_message(state_->handle, channel, &message, 0);
    if (read.reply_type != AMQP_RESPONSE_NORMAL)
      return state_->broken(fault_of(read, "read what came back"));
    if (message.properties._flags & AMQP_BASIC_CORRELATION_ID_FLAG)
      out.correlation_id = text(message.properties.correlation_id);
    amqp_destroy_message(&message);
    return incoming{std::move(out)};
  }
  default:
    return state_->broken(fault_of(method, "listen"));
  }
}

bool amqp_connection::has_more() const {
  return amqp_frames_enqueued(state_->handle)
         || amqp_data_in_buffer(state_->handle);
}

int amqp_connection::socket() const {
  return amqp_get_sockfd(state_->handle);
}

} // namespace dubber
