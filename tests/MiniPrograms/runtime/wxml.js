'use strict';

/**
 * WXML to DOM: as much of it as the chat's page uses (elements, text, `{{ }}`, wx:if, wx:for, bind…). What is drawn is compared
 * with what stands, so that fields keep their focus and lists their place.
 *
 * @param source The WXML.
 * @param handle (method, event): called for what the user does.
 * @returns (data) => draws the data into `root`.
 */
function createView(source, root, handle) {
  const xml = new DOMParser().parseFromString(`<page xmlns:wx="wx">${source}</page>`, 'application/xml');
  if (xml.querySelector('parsererror')) {
    throw new Error(xml.querySelector('parsererror').textContent);
  }

  return data => patchChildren(root, children(xml.documentElement, data), handle);
}

/** What the children of a template's element are with these data: texts, and {tag, attributes, events, children}. */
function children(template, scope) {
  const drawn = [];
  for (const node of template.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) {
      if (node.data.trim() !== '') {
        drawn.push(`${fill(node.data, scope)}`);
      }
    } else if (node.nodeType === Node.ELEMENT_NODE) {
      drawn.push(...elements(node, scope));
    }
  }

  return drawn;
}

function elements(node, scope) {
  if (!node.hasAttribute('wx:for')) {
    return element(node, scope);
  }

  const name = node.getAttribute('wx:for-item') || 'item';
  const index = node.getAttribute('wx:for-index') || 'index';
  return fill(node.getAttribute('wx:for'), scope).flatMap((item, i) => element(node, { ...scope, [name]: item, [index]: i }));
}

function element(node, scope) {
  if (node.hasAttribute('wx:if') && !fill(node.getAttribute('wx:if'), scope)) {
    return [];
  }

  const drawn = { tag: node.localName, attributes: {}, events: {}, children: children(node, scope) };
  for (const { name, value } of node.attributes) {
    const event = /^bind:?(.+)$/.exec(name);
    if (event) {
      drawn.events[event[1]] = value;
    } else if (!name.startsWith('wx:')) {
      drawn.attributes[name] = fill(value, scope);
    }
  }

  return [drawn];
}

/** A text with its expressions worked out; where it is one expression, that one's value itself. */
function fill(text, scope) {
  const whole = /^\{\{([^]*)\}\}$/.exec(text);
  return whole && !whole[1].includes('{{')
    ? evaluate(whole[1], scope)
    : text.replace(/\{\{(.*?)\}\}/g, (_, expression) => evaluate(expression, scope));
}

function evaluate(expression, scope) {
  const names = Object.keys(scope);
  return new Function(...names, `return (${expression});`)(...names.map(name => scope[name]));
}

/** The elements that do something are the browser's own; the others are named as the platform names them. */
const Tags = { input: 'input', button: 'button' };

function patchChildren(parent, drawn, handle) {
  drawn.forEach((child, i) => {
    const standing = parent.childNodes[i];
    if (typeof child === 'string') {
      if (standing && standing.nodeType === Node.TEXT_NODE) {
        standing.data = child;
      } else {
        put(parent, document.createTextNode(child), standing);
      }
    } else if (standing && standing.nodeType === Node.ELEMENT_NODE && standing.template === child.tag) {
      patch(standing, child, handle);
    } else {
      const created = document.createElement(Tags[child.tag] || `wx-${child.tag}`);
      created.template = child.tag;
      listen(created, handle);
      patch(created, child, handle);
      put(parent, created, standing);
    }
  });
  while (parent.childNodes.length > drawn.length) {
    parent.lastChild.remove();
  }
}

function put(parent, created, standing) {
  if (standing) {
    standing.replaceWith(created);
  } else {
    parent.append(created);
  }
}

function patch(standing, drawn, handle) {
  standing.events = drawn.events;
  patchChildren(standing, drawn.children, handle);
  for (const [name, value] of Object.entries(drawn.attributes)) {
    if (name === 'value') {
      if (standing.value !== value) {
        standing.value = value;
      }
    } else if (standing.getAttribute(name) !== `${value}`) {
      standing.setAttribute(name, value);
      if (name === 'scroll-into-view' && value) {
        document.getElementById(value).scrollIntoView({ block: 'end' });
      }
    }
  }
}

function listen(created, handle) {
  const tell = (name, detail) => {
    if (created.events[name]) {
      handle(created.events[name], { type: name, detail, target: { dataset: {} }, currentTarget: { dataset: {} } });
    }
  };
  created.addEventListener('click', () => tell('tap', {}));
  created.addEventListener('input', () => tell('input', { value: created.value }));
  created.addEventListener('keydown', event => {
    if (event.key === 'Enter') {
      tell('confirm', { value: created.value });
    }
  });
}

module.exports = { createView };
