/**
 * What Redis decides and does as a whole, so that no reader sees a row in one of a table's structures and not in
 * another. KEYS[1] is `prefix:{table}`: the braces keep all keys of a table on one node of a cluster. Below it
 * `:rows` is a hash of rows by id, `:keys` a sorted set of the ids by key, then time, `:times` the same by time,
 * `:latest` one of keys by their newest time, and `:table` says that there is a table.
 */
export const scripts = {
  /**
   * ARGV: the wanted shape, and seconds to live or ''. Returns the shape that is there, merging in new columns; nil
   * when there was none, nor then a row.
   */
  ensureTable: `
local base = KEYS[1]
local found = redis.call('GET', base .. ':table')
if not found then
  redis.call('UNLINK', base .. ':rows', base .. ':keys', base .. ':times', base .. ':latest')
  redis.call('SET', base .. ':table', ARGV[1])
  return nil
end
if ARGV[2] == '' then
  for _, part in ipairs({':rows', ':keys', ':times', ':latest'}) do redis.call('PERSIST', base .. part) end
end
local shape, wanted, added = cjson.decode(found), cjson.decode(ARGV[1]), false
for name, type in pairs(wanted.columns) do
  if shape.columns[name] == nil then shape.columns[name] = type; added = true end
end
if added then redis.call('SET', base .. ':table', cjson.encode(shape)) end
return found`,

  /** Deletes rows that were written where there is no table. */
  discard: `
local base = KEYS[1]
if redis.call('EXISTS', base .. ':table') == 0 then
  redis.call('UNLINK', base .. ':rows', base .. ':keys', base .. ':times', base .. ':latest')
end
return 0`,

  /** ARGV: KEY and id of each row. */
  remove: `
local base = KEYS[1]
if redis.call('EXISTS', base .. ':table') == 0 then return redis.error_reply('NOTABLE') end
for i = 1, #ARGV, 2 do
  local key, id = ARGV[i], ARGV[i + 1]
  redis.call('HDEL', base .. ':rows', id)
  redis.call('ZREM', base .. ':keys', id)
  redis.call('ZREM', base .. ':times', id)
  local range = {'(' .. key .. '!', '[' .. key .. ' ', 'BYLEX', 'REV', 'LIMIT', 0, 1}
  local newest = redis.call('ZRANGE', base .. ':keys', unpack(range))[1]
  if newest then redis.call('ZADD', base .. ':latest', redis.call('ZSCORE', base .. ':times', newest), key)
  else redis.call('ZREM', base .. ':latest', key) end
end
return 0`,

  /** ARGV: the bound of times and how many rows at most. Returns how many it deleted. */
  deleteBefore: `
local base = KEYS[1]
if redis.call('EXISTS', base .. ':table') == 0 then return redis.error_reply('NOTABLE') end
redis.call('ZREMRANGEBYSCORE', base .. ':latest', '-inf', ARGV[1])
local ids = redis.call('ZRANGEBYSCORE', base .. ':times', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
if #ids > 0 then
  redis.call('HDEL', base .. ':rows', unpack(ids))
  redis.call('ZREM', base .. ':keys', unpack(ids))
  redis.call('ZREM', base .. ':times', unpack(ids))
end
return #ids`,
};
