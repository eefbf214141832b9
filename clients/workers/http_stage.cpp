#include "clients/workers/http_stage.hpp"

#include "clients/answers.hpp"
#include "clients/job_document.hpp"
#include "clients/scratch_folder.hpp"
#include "clients/workers/attempt.hpp"

#include <algorithm>
#include <memory>

namespace dubber {

namespace {

/// Without its parameters, in lower case.
std::string media_type(std::string_view value) {
  auto end = std::min(value.find(';'), value.size());
  while (end > 0 && value[end - 1] == ' ')
    --end;
  std::string out{value.substr(0, end)};
  std::transform(out.begin(), out.end(), out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  return out;
}

/// What a call is made of; of no use when it is sent.
struct call_parts {
  std::string identity; ///< the service's
  attempt_info info;
  rendered_call rendered;
};

/// One attempt. Thousands may wait for their answer.
struct stage_call : std::enable_shared_from_this<stage_call> {
  stage_call(http_client& client, object_store& files,
             std::shared_ptr<const work_order> what, ms timeout,
             worker::callback on_end)
    : http(client), store(files), order(std::move(what)),
      at(std::make_shared<attempt>(timeout, std::move(on_end))) {
    // nop
  }

  const http_input& in() const {
    return std::get<http_input>(order->input);
  }

  const http_call& call() const {
    return *in().call;
  }

  void begin(const std::filesystem::path& scratch, std::string identity,
             attempt_info info) {
    if (call().upload || call().answer == answer_kind::file)
      folder = std::make_unique<scratch_folder>(
        scratch, "call-" + std::to_string(order->job_no));
    auto made = render(in());
    if (!made) {
      auto why = made.error();
      why.message = "stage " + order->stage + ": " + why.message;
      return at->end(std::move(why));
    }
    call_parts parts{std::move(identity), std::move(info), std::move(*made)};
    if (!parts.rendered.upload)
      return send(parts, {});
    at->next([&] {
      auto key = parts.rendered.upload->key;
      return store.get(key, *folder / "upload", at->left(),
                       [me = shared_from_this(), parts = std::move(parts)](
                         result<object_store::local_file> file) {
                         if (!file)
                           return me->at->end(file.error());
                         me->send(parts, file->path);
                       });
    });
  }

  /// @param file To upload; may be empty.
  void send(const call_parts& parts, const std::filesystem::path& file) {
    auto& rendered = parts.rendered;
    auto rq = keyed_post({http, {}, parts.identity}, *order, parts.info,
                         rendered.path, &rendered);
    rq.method = call().method;
    auto typed = false;
    for (auto& [name, value] : rendered.headers) {
      typed |= media_type(name) == "content-type";
      rq.headers.emplace_back(name, value);
    }
    if (auto& part = call().upload)
      rq.body
        = multipart_body{file, part->field, part->filename, part->content_type};
    else if (!rendered.body.empty()) {
      if (!typed)
        rq.headers.emplace_back("Content-Type", "application/json");
      rq.body = rendered.body;
    }
    rq.deadline = at->left();
    rq.max_answer_bytes = call().max_bytes;
    if (call().answer == answer_kind::file)
      rq.sink = *folder / "answer";
    at->next([&] {
      return http.send(
        std::move(rq), [me = shared_from_this()](result<http_response> answer) {
          if (!answer)
            return me->at->end(answer.error());
          if (answer->status < 200 || answer->status > 299)
            return me->at->end(
              status_fault("the service " + me->order->service, *answer));
          me->on_answer(*answer);
        });
    });
  }

  void on_answer(const http_response& answer) {
    switch (call().answer) {
    case answer_kind::none:
      return at->end(work_result{answered{}});
    case answer_kind::json:
      return take_json(answer);
    case answer_kind::file:
      return take_file(answer);
    }
  }

  void take_json(const http_response& answer) {
    answered out;
    auto json = parse_any_json(answer.body);
    if (!json)
      return bad(json.error().message);
    if (!call().text.empty()) {
      auto text = text_at(*json, call().text);
      if (!text)
        return bad(text.error().message);
      out.text = std::move(*text);
    }
    out.json = std::move(*json);
    at->end(work_result{std::move(out)});
  }

  void take_file(const http_response& answer) {
    answered out;
    out.content_type = media_type(answer.header("content-type"));
    if (answer.body_bytes == 0)
      return bad("the answer is an empty file");
    if (!call().content_type.empty() && out.content_type != call().content_type)
      return bad("the answer is of type \"" + out.content_type.substr(0, 100)
                 + "\", not " + call().content_type);
    at->next([&] {
      return store.put_artifact(
        *folder / "answer", at->left(),
        [me = shared_from_this(), out](result<artifact> stored) mutable {
          if (!stored)
            return me->at->end(stored.error());
          out.file = std::move(*stored);
          me->at->end(work_result{std::move(out)});
        });
    });
  }

  void bad(const std::string& why) {
    at->end(fault{fault_code::bad_answer,
                  "the service " + order->service + ": " + why,
                  0,
                  {}});
  }

  http_client& http;
  object_store& store;
  std::shared_ptr<const work_order> order;
  std::shared_ptr<attempt> at;
  std::unique_ptr<scratch_folder> folder; ///< of a call with files
};

} // namespace

http_stage_worker::http_stage_worker(
  http_client& http, object_store& store, std::filesystem::path scratch,
  std::map<std::string, std::string> identities)
  : http_(http), store_(store), scratch_(std::move(scratch)),
    identities_(std::move(identities)) {
  // nop
}

call_handle http_stage_worker::start(std::shared_ptr<const work_order> order,
                                     const attempt_info& info,
                                     callback on_end) {
  auto known = identities_.find(order->service);
  auto identity = known == identities_.end() ? std::string{} : known->second;
  auto run = std::make_shared<stage_call>(http_, store_, std::move(order),
                                          info.timeout, std::move(on_end));
  auto handle = run->at->handle();
  run->begin(scratch_, std::move(identity), info);
  return handle;
}

} // namespace dubber
