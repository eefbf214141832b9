#include "clients/scratch_folder.hpp"

#include <array>
#include <atomic>
#include <cstdio>
#include <random>

namespace dubber {

namespace fs = std::filesystem;

scratch_folder::scratch_folder(const fs::path& root, const std::string& label)
  : path_(root / unique_name(label)) {
  std::error_code shows_in_the_first_write;
  fs::create_directories(path_, shows_in_the_first_write);
}

scratch_folder::~scratch_folder() {
  std::error_code swept_at_the_next_start;
  fs::remove_all(path_, swept_at_the_next_start);
}

std::string unique_name(const std::string& label) {
  static std::atomic<unsigned> counter = 0;
  return label + "-" + std::to_string(++counter);
}

std::string unique_key(const std::string& label) {
  std::random_device chance;
  std::array<char, 17> hex{};
  std::snprintf(hex.data(), hex.size(), "%08x%08x", chance(), chance());
  return label + "-" + hex.data();
}

} // namespace dubber
