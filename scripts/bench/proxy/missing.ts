import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { serversFolder } from './ways'

const has = (command: string, word: string) => spawnSync(command, [word]).error === undefined

/** What of other people's software is here. What is missing is said, with the command that brings it. */
export function lookAround(): { nginx: boolean; redis: boolean; peers: boolean; wrk: boolean } {
  const found = {
    wrk: has('wrk', '-v'),
    nginx: has('nginx', '-v'),
    redis: has('redis-server', '--version'),
    peers: existsSync(path.join(serversFolder, 'node_modules/mcp-proxy')),
  }
  const say = (isThere: boolean, sentence: string) => {
    if (!isThere) console.log(sentence)
  }
  say(found.wrk, 'wrk makes the load and is not here: apt-get install wrk')
  say(found.nginx, 'nginx is not here, so it is left out: apt-get install nginx-light')
  say(found.redis, 'redis-server is not here, so limits in Redis are left out: apt-get install redis-server')
  say(found.peers, 'Other Node proxies are not here, so they are left out: (cd e2e/servers && npm ci --ignore-scripts)')
  return found
}
