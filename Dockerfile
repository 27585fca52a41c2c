# docker build -t ventral . && docker run --init --rm -p 8080:8080 -v ventral:/data -e VENTRAL_API_KEY=choose-one ventral
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY . .
# onnxruntime-node brings every platform's library: half of the image.
RUN npm ci && npm run build && npm prune --omit=dev && rm -r node_modules/onnxruntime-node/bin/*/darwin node_modules/onnxruntime-node/bin/*/win32

FROM node:24-bookworm-slim
WORKDIR /app
COPY --from=build /app/package.json /app/LICENSE ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir /data && chown node:node /data
USER node
ENV NODE_ENV=production VENTRAL_HOME=/data VENTRAL_HOST=0.0.0.0
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.VENTRAL_PORT || 8080) + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/src/cli/main.js", "serve"]
