<?php
/**
 * Sends an OpenCart order to Parom, and none is lost on the way. PHP 7.4 and newer, with curl or without.
 *
 * In the shop, where an order is confirmed:  parom_queue($order);     // one small file, no network
 * In cron, every minute:                     php opencart-order.php   // sends what waits in the queue
 * After a mistake has been mended:           php opencart-order.php --again   // puts back what was refused
 */

function parom_settings(): array
{
    return [
        'url' => getenv('PAROM_URL') ?: 'https://crm.example.ru/api/order/create',
        'token' => getenv('PAROM_TOKEN') ?: 'put WEBHOOK_TOKEN here',
        // Two shops may both have an order 1001: this tells them apart.
        'shop' => getenv('PAROM_SHOP') ?: 'shop.example.ru',
        // Outside of what the web server shows, and writable for both the shop and cron.
        'queue' => getenv('PAROM_QUEUE') ?: '/var/www/storage/parom',
    ];
}

/** Keeps the order until Parom has it. Never throws: the buyer must get his order whatever happens here. */
function parom_queue(array $order): void
{
    try {
        $queue = parom_settings()['queue'];
        if (!is_dir("$queue/failed")) {
            mkdir("$queue/failed", 0770, true);
        }
        $id = preg_replace('/[^\w-]/', '_', (string) ($order['order_id'] ?? uniqid('', true)));
        // Nobody reads a file that is only half written: it gets its name when it is whole.
        $name = time() . "-$id";
        $body = http_build_query($order, '', '&');
        if (file_put_contents("$queue/$name.new", $body) !== strlen($body) || !rename("$queue/$name.new", "$queue/$name.order")) {
            throw new RuntimeException("cannot write to $queue");
        }
    } catch (Throwable $error) {
        error_log('parom: order ' . ($order['order_id'] ?? '?') . ' is not in the queue: ' . $error->getMessage());
        return;
    }
    // Under php-fpm the order goes out at once, after the buyer has his page; elsewhere cron takes it within a minute.
    if (function_exists('fastcgi_finish_request')) {
        register_shutdown_function(function () {
            fastcgi_finish_request();
            parom_send_queue();
        });
    }
}

/** Sends what is due, the oldest first. Gives how many orders Parom has taken. */
function parom_send_queue(): int
{
    $settings = parom_settings();
    $queue = $settings['queue'];
    $lock = is_dir($queue) ? fopen("$queue/lock", 'c') : false;
    if (!$lock || !flock($lock, LOCK_EX | LOCK_NB)) {
        return 0; // nothing has been queued yet, or another one is sending
    }
    $sent = 0;
    clearstatcache();
    foreach (parom_due($queue) as $file) {
        [$queuedAt, $id] = explode('-', basename($file, '.order'), 2);
        [$status, $retryAfter, $answer] = parom_post($settings, (string) file_get_contents($file), $id);
        $verdict = parom_verdict($status, $answer);
        error_log("parom: order $id: $verdict, $status " . substr($answer, 0, 300));
        if ($verdict === 'taken') {
            unlink($file);
            $sent++;
        } elseif ($verdict === 'refused') {
            file_put_contents("$queue/failed/" . basename($file, '.order') . '.answer', "$status $answer");
            rename($file, "$queue/failed/" . basename($file));
        } else {
            // The time of the file is when it is tried again: soon at first, at last every ten minutes, for as long as it takes.
            touch($file, time() + max($retryAfter, min(600, max(20, intdiv(time() - (int) $queuedAt, 2)))));
            if ($retryAfter > 0) {
                touch("$queue/wait", time() + $retryAfter);
            }
            break; // the others would fare no better now
        }
    }
    return $sent;
}

/** The files of orders whose time has come; none while Parom asked to be left alone. */
function parom_due(string $queue): array
{
    if (is_file("$queue/wait") && filemtime("$queue/wait") > time()) {
        return [];
    }
    $due = [];
    foreach (glob("$queue/*.order") ?: [] as $file) {
        if (filemtime($file) <= time()) {
            $due[$file] = filemtime($file);
        }
    }
    asort($due);
    return array_keys($due);
}

/**
 * What an answer means. Only 200 with an id says that the order is stored: a hosting's own page is 200, too.
 * What Parom refuses (4xx) it refuses the next time as well; all else passes.
 */
function parom_verdict(int $status, string $answer): string
{
    $said = json_decode($answer, true);
    if ($status === 200 && is_array($said) && !empty($said['id'])) {
        return 'taken';
    }
    $isRefused = $status >= 400 && $status < 500 && $status !== 408 && $status !== 429;
    return $isRefused ? 'refused' : 'again later';
}

/** Gives the status (0: no answer), the seconds of Retry-After (0: none), and the body. */
function parom_post(array $settings, string $body, string $id): array
{
    $headers = [
        'Content-Type: application/x-www-form-urlencoded',
        'X-Webhook-Token: ' . $settings['token'],
        // Sent twice, it is still one order.
        'Idempotency-Key: ' . $settings['shop'] . '-' . $id,
    ];
    return function_exists('curl_init') && getenv('PAROM_WITHOUT_CURL') === false
        ? parom_post_with_curl($settings['url'], $headers, $body)
        : parom_post_with_streams($settings['url'], $headers, $body);
}

function parom_post_with_curl(string $url, array $headers, string $body): array
{
    $retryAfter = 0;
    $curl = curl_init($url);
    curl_setopt_array($curl, [
        CURLOPT_POST => true,
        CURLOPT_POSTFIELDS => $body,
        CURLOPT_HTTPHEADER => $headers,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_FOLLOWLOCATION => false,
        CURLOPT_CONNECTTIMEOUT => 5,
        CURLOPT_TIMEOUT => 15,
        CURLOPT_HEADERFUNCTION => function ($curl, string $line) use (&$retryAfter): int {
            $retryAfter = max($retryAfter, parom_retry_after($line));
            return strlen($line);
        },
    ]);
    $answer = curl_exec($curl);
    $status = $answer === false ? 0 : (int) curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    return [$status, $retryAfter, $answer === false ? curl_error($curl) : $answer];
}

function parom_post_with_streams(string $url, array $headers, string $body): array
{
    $options = [
        'method' => 'POST',
        'header' => $headers,
        'content' => $body,
        'timeout' => 15,
        'follow_location' => 0,
        'ignore_errors' => true,
    ];
    $stream = @fopen($url, 'r', false, stream_context_create(['http' => $options]));
    if (!$stream) {
        return [0, 0, error_get_last()['message'] ?? 'no answer'];
    }
    $answer = (string) stream_get_contents($stream);
    $meta = stream_get_meta_data($stream);
    if ($meta['timed_out']) {
        return [0, 0, 'no answer in time'];
    }
    $lines = $meta['wrapper_data'];
    $status = preg_match('~^HTTP/\S+ (\d{3})~', $lines[0] ?? '', $match) ? (int) $match[1] : 0;
    return [$status, max(array_map('parom_retry_after', $lines)), $answer];
}

function parom_retry_after(string $header): int
{
    return preg_match('/^retry-after:\s*(\d+)/i', $header, $match) ? (int) $match[1] : 0;
}

/** Puts the refused orders back into the queue. */
function parom_try_again(): void
{
    $queue = parom_settings()['queue'];
    foreach (glob("$queue/failed/*.order") ?: [] as $file) {
        touch($file);
        rename($file, "$queue/" . basename($file));
        @unlink(substr($file, 0, -strlen('.order')) . '.answer');
    }
}

if (PHP_SAPI === 'cli' && realpath($_SERVER['argv'][0] ?? '') === __FILE__) {
    if (in_array('--again', $_SERVER['argv'], true)) {
        parom_try_again();
    }
    echo parom_send_queue(), PHP_EOL;
}
