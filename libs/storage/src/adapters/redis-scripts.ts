/**
 * What Redis runs as a whole, so that no reader sees a row in one of a table's structures and not in another.
 * KEYS[1] is `prefix:{table}`: the braces keep all keys of a table on one node of a cluster. Beside the hashes
 * `:row:KEY` there are the sorted sets `:key:KEY` (times of a key), `:times` (`KEY TIME` of all rows) and
 * `:latest` (keys by their newest time), and `:shape`, without which there is no table.
 */
export const scripts = {
  /** ARGV: the wanted shape. Returns the one that is there, merging in new columns; nil when there was none. */
  ensureTable: `
local found = redis.call('GET', KEYS[1] .. ':shape')
if not found then
  redis.call('SET', KEYS[1] .. ':shape', ARGV[1])
  return nil
end
local shape, wanted, added = cjson.decode(found), cjson.decode(ARGV[1]), false
for name, type in pairs(wanted.columns) do
  if shape.columns[name] == nil then shape.columns[name] = type; added = true end
end
if added then redis.call('SET', KEYS[1] .. ':shape', cjson.encode(shape)) end
return found`,

  /** ARGV: seconds to live or '', then KEY, TIME and JSON of each row. */
  upsert: `
local base = KEYS[1]
if redis.call('EXISTS', base .. ':shape') == 0 then return redis.error_reply('NOTABLE') end
local seconds = ARGV[1]
for i = 2, #ARGV, 3 do
  local key, time = ARGV[i], ARGV[i + 1]
  local row, times = base .. ':row:' .. key, base .. ':key:' .. key
  redis.call('HSET', row, time, ARGV[i + 2])
  redis.call('ZADD', times, time, time)
  redis.call('ZADD', base .. ':times', time, key .. ' ' .. time)
  redis.call('ZADD', base .. ':latest', 'GT', time, key)
  if seconds ~= '' then
    redis.call('EXPIRE', row, seconds)
    redis.call('EXPIRE', times, seconds)
  end
end
return 0`,

  /** ARGV: KEY and TIME of each row. */
  remove: `
local base = KEYS[1]
if redis.call('EXISTS', base .. ':shape') == 0 then return redis.error_reply('NOTABLE') end
for i = 1, #ARGV, 2 do
  local key, time = ARGV[i], ARGV[i + 1]
  redis.call('HDEL', base .. ':row:' .. key, time)
  redis.call('ZREM', base .. ':key:' .. key, time)
  redis.call('ZREM', base .. ':times', key .. ' ' .. time)
  local newest = redis.call('ZRANGE', base .. ':key:' .. key, -1, -1)[1]
  if newest then redis.call('ZADD', base .. ':latest', newest, key)
  else redis.call('ZREM', base .. ':latest', key) end
end
return 0`,

  /** ARGV: the bound of times and how many rows at most. Returns how many it deleted. */
  deleteBefore: `
local base = KEYS[1]
if redis.call('EXISTS', base .. ':shape') == 0 then return redis.error_reply('NOTABLE') end
local found = redis.call('ZRANGEBYSCORE', base .. ':times', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, member in ipairs(found) do
  local key, time = string.match(member, '^(.*) (%S+)$')
  redis.call('HDEL', base .. ':row:' .. key, time)
  redis.call('ZREM', base .. ':key:' .. key, time)
  redis.call('ZREM', base .. ':times', member)
  if redis.call('EXISTS', base .. ':key:' .. key) == 0 then redis.call('ZREM', base .. ':latest', key) end
end
return #found`,
};
