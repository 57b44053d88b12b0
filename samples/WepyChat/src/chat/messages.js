'use strict';

/** @returns the message's object; null for what is not a JSON object, which no server of this chat sends. */
function read(data) {
  try {
    const message = JSON.parse(data);
    return message !== null && typeof message === 'object' ? message : null;
  } catch (error) {
    return null;
  }
}

/** What is said, in a heading. A server that gives no name speaks for itself. */
function heading(message) {
  return typeof message.from !== 'string' || message.from === 'server' ? '服务器说:' : `${message.from}说:`;
}

/** What happened, in a sentence; null for what needs none. */
function notice(message) {
  const name = message.member ? message.member.name : null;
  if (typeof name !== 'string' && message.type !== 'error') {
    return null;
  }

  switch (message.type) {
    case 'join':
      return `${name} 来了`;
    case 'leave':
      return `${name} 走了`;
    case 'rename':
      return `${message.was} 改名为 ${name}`;
    case 'error':
      return `服务器拒绝:${message.text}`;
    default:
      return null;
  }
}

/** The time of day, HH:MM:SS, of an ISO 8601 time, or of now where there is none. */
function clock(time) {
  const told = new Date(time);
  const date = time === undefined || isNaN(told) ? new Date() : told;
  const two = number => (number < 10 ? `0${number}` : `${number}`);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

module.exports = { read, heading, notice, clock };
