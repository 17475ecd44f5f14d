-- Drives the server as a person in Neovim does, and prints what it sees as JSON: a line for each thing that is looked at.
local server = vim.split(vim.env.AEDSL_SERVER, '\n')

local function say(name, value)
  io.stdout:write(vim.fn.json_encode({ name = name, value = value }) .. '\n')
end

local function wait_for(condition)
  if not vim.wait(20000, condition, 10) then
    say('timeout', debug.traceback())
    vim.cmd('cquit')
  end
end

local client = vim.lsp.start_client({ name = 'aedsl', cmd = server, root_dir = vim.fn.getcwd() })
vim.cmd('edit ' .. vim.fn.fnameescape(vim.env.AEDSL_FILE))
local buffer = vim.api.nvim_get_current_buf()
vim.lsp.buf_attach_client(buffer, client)

local function diagnostics()
  return vim.tbl_map(function(each)
    return { code = each.code, line = each.lnum, column = each.col, message = each.message }
  end, vim.diagnostic.get(buffer))
end

local published = 0
local before = vim.lsp.handlers['textDocument/publishDiagnostics']
vim.lsp.handlers['textDocument/publishDiagnostics'] = function(...)
  published = published + 1
  return before(...)
end

local function ask(method, position)
  local params = vim.lsp.util.make_position_params()
  if position then params.position = position end
  local answers = vim.lsp.buf_request_sync(buffer, method, params, 20000)
  return answers and answers[client] and (answers[client].result or answers[client].error)
end

wait_for(function() return published > 0 end)
say('opened', diagnostics())

-- A typing mistake, letter by letter.
vim.fn.search('dense(hidden')
published = 0
vim.cmd('normal! 4lx')
wait_for(function() return #vim.diagnostic.get(buffer) > 0 end)
say('mistake', diagnostics())
vim.cmd('undo')
wait_for(function() return #vim.diagnostic.get(buffer) == 0 end)
say('undone', diagnostics())

vim.fn.search('adam')
say('hover', ask('textDocument/hover').contents.value)

vim.fn.search('sigmoid')
say('completion', vim.tbl_map(function(each) return each.label end, ask('textDocument/completion')))

vim.fn.search('hidden')
vim.lsp.buf.rename('units')
wait_for(function() return vim.fn.search('param units') > 0 end)
say('renamed', vim.fn.getline(6))
vim.cmd('undo')

vim.cmd([[%s/^  loss mse()/loss   mse( )/]])
vim.lsp.buf.formatting_sync({}, 20000)
say('formatted', vim.api.nvim_buf_get_lines(buffer, 0, -1, false))

vim.lsp.stop_client(client)
wait_for(function() return vim.lsp.client_is_stopped(client) end)
say('stopped', true)
vim.cmd('qall!')
