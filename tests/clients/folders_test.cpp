#include "clients/folders.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/scratch.hpp"

using namespace dubber;

TEST_CASE("folders are created with those above them, and once") {
  test::scratch here;
  auto inner = here.file("a/b/c");
  CHECK_FALSE(create_folders(inner));
  CHECK(std::filesystem::is_directory(inner));
  here.write("a/b/c/file", "kept");
  CHECK_FALSE(create_folders(inner));
  CHECK_FALSE(create_folders(here.file("a/b/d/")));
  CHECK(std::filesystem::is_directory(here.file("a/b/d")));
  CHECK(std::filesystem::exists(here.file("a/b/c/file")));
  CHECK_FALSE(sync_folder(inner));
}

TEST_CASE("a file in the way of a folder is a fault that names it") {
  test::scratch here;
  here.write("taken", "");
  for (auto name : {"taken", "taken/inner"}) {
    auto why = create_folders(here.file(name));
    REQUIRE(why);
    CHECK(why->code == fault_code::disk);
    CHECK(why->message.find(here.file(name).string()) != std::string::npos);
  }
  auto why = sync_folder(here.file("missing"));
  REQUIRE(why);
  CHECK(why->message.find("No such file") != std::string::npos);
}
