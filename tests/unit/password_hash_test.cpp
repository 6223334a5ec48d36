#include "base/password_hash.h"

#include <string>

#include <doctest/doctest.h>

TEST_CASE("a hash fits its password alone, and no two are the same") {
  const auto hash = base::hash_password("correct horse");
  CHECK(hash.starts_with("$scrypt$ln=14,r=8,p=5$"));
  CHECK(base::is_password_hash(hash));
  CHECK(base::is_password_of(hash, "correct horse"));
  CHECK_FALSE(base::is_password_of(hash, "correct horse "));
  CHECK_FALSE(base::is_password_of(hash, ""));
  CHECK_FALSE(base::is_password_of(hash, hash));
  CHECK(base::hash_password("correct horse") != hash);
}

TEST_CASE("the hash of another program is taken") {
  // Python: hashlib.scrypt(b"password", salt=b"NaClNaClNaClNaCl", n=1024, r=8, p=16, dklen=32)
  const std::string hash =
      "$scrypt$ln=10,r=8,p=16$TmFDbE5hQ2xOYUNsTmFDbA$ruflYSr7JKwcyP4taFgPBJI7nqmwRVvjonthQb2MSCI";
  CHECK(base::is_password_of(hash, "password"));
  CHECK_FALSE(base::is_password_of(hash, "Password"));
}

TEST_CASE("what is no whole hash is none, and fits nothing") {
  const std::string salt = "AAAAAAAAAAAAAAAAAAAAAA";
  const std::string hash = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  REQUIRE(base::is_password_hash("$scrypt$ln=14,r=8,p=5$" + salt + "$" + hash));
  for (const auto& text :
       {std::string(), std::string("password"), std::string("$scrypt$"),
        "$scrypt$ln=14,r=8,p=5$" + salt + "$" + hash.substr(1), "$scrypt$ln=14,r=8,p=5$" + salt,
        "$scrypt$ln=0,r=8,p=5$" + salt + "$" + hash, "$scrypt$ln=30,r=8,p=5$" + salt + "$" + hash,
        "$scrypt$ln=14,r=8,p=99999999999$" + salt + "$" + hash,
        "$scrypt$ln=14,r=8,p=5$" + salt.substr(4) + "$" + hash,
        "$scrypt$ln=14,r=8,p=5,x=1$" + salt + "$" + hash, "$scrypt$ln=14,r=8,p=5$" + salt + "$" + hash + "$",
        "$2b$10$" + salt + hash}) {
    CAPTURE(text);
    CHECK_FALSE(base::is_password_hash(text));
    CHECK_FALSE(base::is_password_of(text, "password"));
  }
}
