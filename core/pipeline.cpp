#include "core/pipeline.hpp"

#include "core/pipeline_check.hpp"

#include <algorithm>

namespace dubber {

int pipeline::find(std::string_view stage) const {
  for (std::size_t i = 0; i < stages.size(); ++i)
    if (stages[i].name == stage)
      return static_cast<int>(i);
  return -1;
}

const pipeline_ptr& dubbing_pipeline() {
  using k = work_kind;
  static const pipeline_ptr dub = [] {
    pipeline out;
    out.name = "dub";
    // From pipelines/dub.json, by core/CMakeLists.txt: {name, kind, after}.
    struct line {
      const char* name;
      work_kind kind;
      std::vector<std::string> after;
    };
    for (auto& x : std::vector<line>{
#include "core/dub_stages.inc"
         }) {
      std::string service{service_of(x.kind)};
      out.stages.push_back(
        {x.name, x.kind, service, service, x.after, fan_out_of(x.kind)});
    }
    return std::make_shared<const pipeline>(std::move(out));
  }();
  return dub;
}

void count_waves(pipeline& plan) {
  // For each stage, how many waves of segments lie behind it.
  std::vector<std::uint32_t> behind(plan.stages.size());
  for (std::size_t i = 0; i < plan.stages.size(); ++i) {
    auto& spec = plan.stages[i];
    std::uint32_t wave = 0;
    for (auto& name : spec.after) {
      auto before = plan.find(name);
      if (before < 0)
        continue;
      auto b = static_cast<std::size_t>(before);
      auto along = spec.each == fan_out::segments
                   && plan.stages[b].each == fan_out::segments;
      wave = std::max(wave, along ? plan.stages[b].wave : behind[b]);
    }
    spec.wave = wave;
    behind[i] = wave + (spec.each == fan_out::segments ? 1 : 0);
  }
}

std::vector<bool> stages_from(const pipeline& plan, std::uint32_t first) {
  std::vector<bool> out(plan.stages.size());
  out[first] = true;
  // The plan's order respects `after`: one pass is enough.
  for (std::size_t i = first + 1; i < plan.stages.size(); ++i)
    for (auto& name : plan.stages[i].after)
      if (auto before = plan.find(name); before >= 0)
        out[i] = out[i] || out[static_cast<std::size_t>(before)];
  return out;
}

pipeline_ptr pipeline_book::find(std::string_view name) const {
  auto i = offered.find(name.empty() ? dubbing_pipeline()->name : name);
  return i == offered.end() ? nullptr : i->second;
}

std::string pipeline_book::names() const {
  std::string out;
  for (auto& [name, plan] : offered)
    out += (out.empty() ? "" : ", ") + name;
  return out;
}

const pipeline_book& shipped_book() {
  static const pipeline_book book;
  return book;
}

} // namespace dubber
