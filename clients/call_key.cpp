#include "clients/call_key.hpp"

#include "clients/digest.hpp"
#include "clients/job_document.hpp"
#include "core/overload.hpp"

namespace dubber {

namespace {

/// Length before value: no two different lists give the same text.
class material {
public:
  material& add(std::string_view value) {
    text_ += std::to_string(value.size());
    text_ += ':';
    text_ += value;
    return *this;
  }

  material& add(double value) {
    return add(std::to_string(value));
  }

  const std::string& text() const {
    return text_;
  }

private:
  std::string text_;
};

/// What a neighbour makes its result of; nothing for other work.
bool add_input(material& m, const work_input& input,
               const rendered_call* rendered = nullptr) {
  return std::visit(
    overload{
      [&](const transcribe_input& x) {
        m.add(x.audio.sha256).add(x.chunk.start).add(x.chunk.end);
        return true;
      },
      [&](const translate_input& x) {
        m.add(x.text).add(x.source_language).add(x.target_language);
        return true;
      },
      [&](const speak_input& x) {
        m.add(x.text).add(x.language).add(x.voice).add(x.slot_seconds);
        return true;
      },
      [&](const http_input& x) {
        auto made = rendered ? result<rendered_call>{*rendered} : render(x);
        // What the source's key stands for, is not told by the key.
        if (!made || (made->upload && made->upload->sha256.empty()))
          return false;
        auto& call = *made;
        m.add(x.call->method).add(call.path).add(call.body);
        for (auto& [name, value] : call.headers)
          m.add(name).add(value);
        if (call.upload)
          m.add(call.upload->sha256)
            .add(x.call->upload->field)
            .add(x.call->upload->filename)
            .add(x.call->upload->content_type);
        m.add(std::to_string(static_cast<int>(x.call->answer)));
        m.add(x.call->text);
        return true;
      },
      [](const auto&) { return false; },
    },
    input);
}

} // namespace

std::string call_key(const work_order& order, const std::string& identity,
                     const rendered_call* rendered) {
  material m;
  m.add("dubber call key 1").add(to_string(order.kind)).add(identity);
  m.add(std::to_string(order.generation));
  if (!add_input(m, order.input, rendered)) {
    m.add(std::to_string(order.job_no)).add(std::to_string(order.run));
    if (!order.language.empty())
      m.add(order.language);
  }
  return sha256_hex(m.text());
}

bool is_shareable(work_kind kind) {
  return kind == work_kind::extract || kind == work_kind::transcribe
         || kind == work_kind::translate || kind == work_kind::speak
         || kind == work_kind::http;
}

std::optional<std::string> result_key(const work_order& order,
                                      const std::string& identity,
                                      const std::string& source) {
  material m;
  m.add("dubber result 1").add(to_string(order.kind)).add(identity);
  if (order.kind == work_kind::extract && !source.empty())
    m.add(source);
  else if (!add_input(m, order.input))
    return std::nullopt;
  return sha256_hex(m.text());
}

} // namespace dubber
