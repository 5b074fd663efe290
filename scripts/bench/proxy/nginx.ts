import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** A configuration of its own: one process, pooled connections to the upstream, nothing written but errors. */
export function writeNginxConfig(folder: string, port: number, upstreamPort: number): string {
  const own = path.join(folder, 'nginx')
  mkdirSync(own, { recursive: true })
  const places = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const temporary = places.map(place => `${place}_temp_path ${own}/${place};`)
  const file = path.join(own, 'nginx.conf')
  writeFileSync(
    file,
    `
daemon off;
master_process off;
pid ${own}/nginx.pid;
error_log ${own}/error.log;
events { worker_connections 4096; }
http {
  access_log off;
  ${temporary.join('\n  ')}
  client_body_buffer_size 64k;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  upstream bench { server 127.0.0.1:${upstreamPort}; keepalive 512; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://bench;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`,
  )
  return file
}
