#include "engines/http_service.hpp"
#include "engines/translate/pipe_pool.hpp"
#include "engines/translate/text.hpp"

namespace dubber {

namespace {

constexpr size_t longest_text = 50'000;

class translate_service : public engine {
public:
  explicit translate_service(const engine_options& options)
    : places_(options.queue), pipes_(options.workers) {
    // nop
  }

  void mount(httplib::Server& server) override {
    server.Post("/translate", [this](const httplib::Request& request,
                                     httplib::Response& response,
                                     const httplib::ContentReader& reader) {
      admission::place place{places_, response};
      if (!place)
        return;
      if (auto body = read_json(request, response, reader))
        translate(*body, response);
    });
    server.Get("/languages",
               [](const httplib::Request&, httplib::Response& response) {
                 auto pairs = nlohmann::json::array();
                 for (auto& [from, to] : language_pairs())
                   pairs.push_back({{"source", from}, {"target", to}});
                 answer_json(response, 200, {{"pairs", pairs}});
               });
  }

private:
  void translate(const nlohmann::json& body, httplib::Response& response) {
    for (auto* field : {"text", "source_lang", "target_lang"})
      if (auto at = body.find(field); at == body.end() || !at->is_string())
        return answer_invalid(response, field, "a string is required");
    auto text = body["text"].get<std::string>();
    if (text.size() > longest_text)
      return answer_invalid(response, "text", "longer than 50000 bytes");
    auto from = normal_language(body["source_lang"].get<std::string>());
    auto to = normal_language(body["target_lang"].get<std::string>());
    auto modes = route(from, to);
    bool same = !from.empty() && from == to;
    if (modes.empty() && !same)
      return answer_json(
        response, 422,
        {{"error", "unsupported language pair"},
         {"detail", "see GET /languages for the pairs there are"}});
    if (text.find_first_not_of(" \t\r\n") != std::string::npos)
      for (auto& mode : modes) {
        auto next = pipes_.translate(mode, text);
        if (!next) {
          response.set_header("Retry-After", "2");
          return answer_json(response, 503,
                             {{"detail", "the translator does not answer"}});
        }
        text = std::move(*next);
      }
    answer_json(response, 200, {{"translated_text", text}});
  }

  admission places_;
  pipe_pool pipes_;
};

} // namespace

std::unique_ptr<engine> make_translate(const engine_options& options) {
  return std::make_unique<translate_service>(options);
}

} // namespace dubber
