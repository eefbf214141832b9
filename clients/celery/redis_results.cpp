#include "clients/celery/redis_results.hpp"

#include <hiredis/hiredis.h>
#include <sys/time.h>

#include <algorithm>
#include <cerrno>

namespace dubber {

namespace {

/// Tasks asked for with one MGET.
constexpr std::size_t batch = 500;

timeval interval(ms t) {
  return {t.count() / 1'000, (t.count() % 1'000) * 1'000};
}

struct free_reply {
  void operator()(redisReply* x) const {
    freeReplyObject(x);
  }
};
using reply = std::unique_ptr<redisReply, free_reply>;

struct free_context {
  void operator()(redisContext* x) const {
    redisFree(x);
  }
};

reply ask(redisContext* to, const std::vector<std::string>& words) {
  std::vector<const char*> texts;
  std::vector<std::size_t> lengths;
  for (auto& each : words) {
    texts.push_back(each.data());
    lengths.push_back(each.size());
  }
  return reply{static_cast<redisReply*>(redisCommandArgv(
    to, static_cast<int>(words.size()), texts.data(), lengths.data()))};
}

} // namespace

struct redis_results::connection {
  std::unique_ptr<redisContext, free_context> context;
};

redis_results::redis_results(redis_address where, ms timeout)
  : where_(std::move(where)), timeout_(timeout) {
  // nop
}

redis_results::~redis_results() = default;

/// The connection is of no use any more.
fault redis_results::broken(const char* doing) {
  auto* c = to_ ? to_->context.get() : nullptr;
  auto late = c && c->err == REDIS_ERR_IO && errno == EAGAIN;
  std::string why
    = !c     ? "no memory for a connection"
      : late ? "no answer within " + std::to_string(timeout_.count()) + " ms"
             : c->errstr;
  to_.reset();
  return {late ? fault_code::timeout : fault_code::unreachable,
          "Redis " + where_.host + ":" + std::to_string(where_.port) + ": "
            + doing + ": " + why,
          0,
          {}};
}

/// A command that is answered with a text or an error.
result<done> redis_results::say(const std::vector<std::string>& words,
                                const char* doing) {
  auto said = ask(to_->context.get(), words);
  if (!said)
    return broken(doing);
  if (said->type != REDIS_REPLY_ERROR)
    return done{};
  std::string why{said->str, said->len};
  to_.reset();
  return fault{
    fault_code::refused, std::string{"Redis: "} + doing + ": " + why, 0, {}};
}

result<done> redis_results::connect() {
  if (to_)
    return done{};
  to_ = std::make_unique<connection>();
  to_->context.reset(redisConnectWithTimeout(where_.host.c_str(), where_.port,
                                             interval(timeout_)));
  auto* c = to_->context.get();
  if (!c || c->err || redisSetTimeout(c, interval(timeout_)) != REDIS_OK)
    return broken("connect");
  if (!where_.password.empty()) {
    std::vector<std::string> words{"AUTH"};
    if (!where_.user.empty())
      words.push_back(where_.user);
    words.push_back(where_.password);
    if (auto in = say(words, "log in"); !in)
      return in;
  }
  if (where_.database != 0)
    return say({"SELECT", std::to_string(where_.database)},
               "choose the database");
  return done{};
}

result<done> redis_results::read_some(const std::vector<std::string>& ids,
                                      std::size_t begin, states& into) {
  auto end = std::min(ids.size(), begin + batch);
  std::vector<std::string> words{"MGET"};
  for (auto i = begin; i < end; ++i)
    words.push_back("celery-task-meta-" + ids[i]);
  auto said = ask(to_->context.get(), words);
  if (!said)
    return broken("read results");
  if (said->type == REDIS_REPLY_ERROR || said->elements != end - begin) {
    auto why = said->str ? std::string{said->str, said->len}
                         : std::string{"an answer out of turn"};
    to_.reset();
    return fault{fault_code::refused, "Redis: read results: " + why, 0, {}};
  }
  for (std::size_t i = 0; i < said->elements; ++i) {
    auto& x = *said->element[i];
    into.push_back(x.type == REDIS_REPLY_STRING
                     ? std::optional{std::string{x.str, x.len}}
                     : std::nullopt);
  }
  return done{};
}

result<task_results::states>
redis_results::look(const std::vector<std::string>& ids) {
  if (auto there = connect(); !there)
    return there.error();
  states out;
  if (ids.empty())
    if (auto there = say({"PING"}, "ask"); !there)
      return there.error();
  for (std::size_t i = 0; i < ids.size(); i += batch)
    if (auto read = read_some(ids, i, out); !read)
      return read.error();
  return out;
}

} // namespace dubber
