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

  /** ARGV: seconds to live or '', then of each key: KEY, the number of its rows, and TIME and JSON of each. */
  upsert: `
local base = KEYS[1]
if redis.call('EXISTS', base .. ':shape') == 0 then return redis.error_reply('NOTABLE') end
local seconds, at = ARGV[1], 2
local times, latest = {}, {}
while at <= #ARGV do
  local key, count = ARGV[at], tonumber(ARGV[at + 1])
  local row, own = base .. ':row:' .. key, base .. ':key:' .. key
  local fields, scores, newest = {}, {}, ARGV[at + 2]
  at = at + 2
  for i = 1, 2 * count, 2 do
    local time = ARGV[at]
    fields[i], fields[i + 1] = time, ARGV[at + 1]
    scores[i], scores[i + 1] = time, time
    times[#times + 1] = time
    times[#times + 1] = key .. ' ' .. time
    if tonumber(time) > tonumber(newest) then newest = time end
    at = at + 2
  end
  redis.call('HSET', row, unpack(fields))
  redis.call('ZADD', own, unpack(scores))
  latest[#latest + 1] = newest
  latest[#latest + 1] = key
  if seconds ~= '' then
    redis.call('EXPIRE', row, seconds)
    redis.call('EXPIRE', own, seconds)
  end
end
redis.call('ZADD', base .. ':times', unpack(times))
redis.call('ZADD', base .. ':latest', 'GT', unpack(latest))
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
