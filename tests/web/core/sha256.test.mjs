import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { sha256 } from "../../../web/js/core/sha256.js";

test("digests are those of OpenSSL, for all lengths around the blocks and for long texts", () => {
  for (const length of [...Array(200).keys(), 60_000, 1_000_001]) {
    const bytes = randomBytes(length);
    assert.equal(sha256(new Uint8Array(bytes)), createHash("sha256").update(bytes).digest("hex"), String(length));
  }
});
